import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ENCODER_SHAPES, type EncoderShape, encoderOfShape } from '../../support/encoder_shapes.js';
import { loadEncoder, randomEncoderWeights, randomPixels } from '../../support/encoders.js';
import { literalVit } from '../../support/literal_vit.js';
import { holds } from '../../support/property.js';

const SHAPE: Omit<EncoderShape, 'grid' | 'patch'> = {
  ...{ heads: 2, headSize: 8, layers: 2, inner: 24, activation: 'gelu-erf', imageChannels: 3 },
  ...{ classTokens: 1, qkvBias: true, output: undefined, seed: 1, rest: [0, 0] },
};

/** One patch, 300 in a row, a column, pages that are just full, and pixels below and beside the patches. */
const EXAMPLES: readonly EncoderShape[] = [
  { ...SHAPE, grid: [1, 1], patch: [5, 3] },
  { ...SHAPE, grid: [1, 300], patch: [2, 3], heads: 1, headSize: 33 },
  { ...SHAPE, grid: [127, 1], patch: [1, 1], classTokens: 2, output: 9 },
  { ...SHAPE, grid: [15, 17], patch: [4, 4], qkvBias: false, output: 64 },
  { ...SHAPE, grid: [3, 3], patch: [8, 8], rest: [6, 6] },
  { ...SHAPE, grid: [2, 5], patch: [7, 3], rest: [3, 2], imageChannels: 1, classTokens: 2 },
  { ...SHAPE, grid: [1, 1], patch: [4, 6], rest: [3, 5] },
];

test('states of encoders of any shape are within 2e-4 of the definition in double precision', async () => {
  await holds(
    'encoder shapes',
    ENCODER_SHAPES,
    async (shape) => {
      const config = encoderOfShape(shape);
      const weights = randomEncoderWeights(config, shape.seed);
      const pixels = randomPixels(config, shape.seed + 1);
      const core = await loadEncoder(config, weights);
      const states = await core.encode(pixels);
      const expected = literalVit(config, weights, pixels).flatMap((state) => [...state]);
      core.dispose();
      assert.is(states.length, expected.length);
      let error = 0;
      states.forEach((x, i) => {
        error = Math.max(error, Math.abs(x - expected[i]!));
      });
      assert.ok(error <= 2e-4, `error ${error}`);
    },
    25,
    EXAMPLES,
  );
});

test.run();
