import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { EncoderConfig } from '../../../src/architecture/vit/config.js';
import { encoderParameters } from '../../../src/architecture/vit/parameters.js';
import type { Build } from '../../../src/core/binary.js';
import { Quantizer } from '../../../src/core/packing/quantizer.js';
import { dequantize } from '../../../src/dtypes/dequantize.js';
import { BLOCK_SIZES } from '../../../src/dtypes/tensor_types.js';
import { FORMATS } from '../../../src/dtypes/weight_formats.js';
import { ENCODER_SHAPES, encoderOfShape } from '../../support/encoder_shapes.js';
import { loadEncoder, randomEncoderWeights, randomPixels, SMALL_ENCODER } from '../../support/encoders.js';
import { type EncoderWeights, literalVit } from '../../support/literal_vit.js';
import { relativeError } from '../../support/logits.js';
import { holds } from '../../support/property.js';
import { BUILDS } from '../../support/relaxed.js';

const BLOCK = 32;

/** Largest multiples of a scale in a block of activations. */
const LEVELS = { q8: 63, q4: 127 } as const;
type Quantized = keyof typeof LEVELS;

const CONFIGS: Readonly<Record<string, EncoderConfig>> = {
  small: SMALL_ENCODER,
  'one head, one patch': {
    ...SMALL_ENCODER,
    ...{
      channels: 33,
      heads: 1,
      imageSize: [3, 5],
      classTokens: 1,
      qkvBias: false,
      outputChannels: undefined,
    },
  },
  'whole blocks, 300 patches': {
    ...SMALL_ENCODER,
    ...{ channels: 64, heads: 4, innerChannels: 128, imageSize: [8, 1200], patchSize: [8, 4], layers: 1 },
  },
};

/** The weights that a format holds in place of these. */
async function dequantized(config: EncoderConfig, weights: EncoderWeights, format: Quantized) {
  const quantizer = await Quantizer.create(format, undefined);
  const type = FORMATS[format].blockType!;
  const stored = new Map(weights);
  for (const parameter of encoderParameters(config)) {
    if (parameter.kind !== 'linear') continue;
    const [rows, columns] = parameter.shape as [number, number];
    const length = Math.ceil(columns / BLOCK) * BLOCK;
    const values = withRows(weights.get(parameter.name)!, rows, columns, length);
    const rowBytes = (length / BLOCK) * BLOCK_SIZES[type].bytes;
    const bytes = new Uint8Array(rows * rowBytes);
    quantizer.encode(
      { parameter: { ...parameter, shape: [rows, length] }, rows, values },
      bytes,
      0,
      rowBytes,
    );
    dequantize(type, bytes, values);
    stored.set(parameter.name, withRows(values, rows, length, columns));
  }
  return stored;
}

/** Rows cut to another length, or filled with zeros. */
function withRows(x: Float32Array, rows: number, from: number, to: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(rows * to);
  for (let row = 0; row < rows; row++) {
    out.set(x.subarray(row * from, row * from + Math.min(from, to)), row * to);
  }
  return out;
}

/** Numbers as multiples of the scale of their block. */
function rounded(x: Float64Array, levels: number): Float64Array {
  const out = x.slice();
  for (let start = 0; start < x.length; start += BLOCK) {
    const block = out.subarray(start, start + BLOCK);
    const scale = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / levels;
    for (let i = 0; i < block.length; i++) block[i] = scale === 0 ? 0 : Math.round(block[i]! / scale) * scale;
  }
  return out;
}

/** States that the core computes, and those of the definition with the weights that the format holds. */
async function compare(config: EncoderConfig, format: Quantized, seed: number, build: Build = 'simd') {
  const weights = randomEncoderWeights(config, seed);
  const pixels = randomPixels(config, seed + 1);
  const core = await loadEncoder(config, weights, { build, weights: format });
  const states = await core.encode(pixels);
  core.dispose();
  const held = await dequantized(config, weights, format);
  const flat = (rows: readonly Float64Array[]) => Float32Array.from(rows.flatMap((row) => [...row]));
  return {
    states,
    expected: flat(literalVit(config, held, pixels, (x) => rounded(x, LEVELS[format]))),
    original: flat(literalVit(config, weights, pixels)),
  };
}

for (const [name, config] of Object.entries(CONFIGS)) {
  for (const format of ['q8', 'q4'] as const) {
    test(`${name}, ${format}: states are those of the weights that the format holds`, async () => {
      for (const build of BUILDS) {
        const { states, expected, original } = await compare(config, format, 5, build);
        // The relaxed build may round a number that lies between two multiples to the other one.
        const most = build === 'simd' ? 1e-6 : 0.01;
        assert.ok(relativeError(states, expected) < most, build);
        assert.ok(relativeError(states, original) > 0.01, build);
      }
    });
  }
}

test('states of encoders of any shape are those of the weights that a format holds', async () => {
  await holds(
    'quantized encoder shapes',
    fc.tuple(ENCODER_SHAPES, fc.constantFrom('q8', 'q4')),
    async ([shape, format]) => {
      const config = encoderOfShape(shape);
      const { states, expected } = await compare(config, format as Quantized, shape.seed);
      // A number between two multiples may be rounded to the other one.
      const error = relativeError(states, expected);
      assert.ok(error < 0.25, `${error}`);
    },
    10,
  );
});

test.run();
