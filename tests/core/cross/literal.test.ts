import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelConfig } from '../../../src/architecture/gpt2/config.js';
import type { Parameter } from '../../../src/architecture/gpt2/parameters.js';
import { writeCheckpoint } from '../../../src/checkpoints/huggingface/write_checkpoint.js';
import type { Build } from '../../../src/core/binary.js';
import { loadedModels } from '../../../src/generate/loaded_models.js';
import { CrossAttentionReader } from '../../../src/model/cross_attention.js';
import { loadModel, loadTokenizer } from '../../../src/model/load_model.js';
import { LiteralGpt2 } from '../../support/literal_gpt2.js';
import { relativeError } from '../../support/logits.js';
import { memoryTarget } from '../../support/memory_target.js';
import { holds } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { BUILDS } from '../../support/relaxed.js';
import { memorySource } from '../../support/sources.js';
import { storiesTiny } from '../../support/stories_tiny.js';

const tokenizer = await loadTokenizer(storiesTiny);
const VOCABULARY = 40;
const BLOCK = 32;

/** The least and the largest integer of a weight. Each block has the one of larger magnitude, so that nothing is rounded. */
const INTEGERS = { f32: [-999, 999], q8: [-127, 127], q4: [-8, 7] } as const;

/** Largest relative error: of 32-bit sums, and of quantized activations, keys and values of few channels. */
const ERRORS = { f32: 2e-4, q8: 0.1, q4: 0.1 } as const;

const shapes = fc.record({
  heads: fc.integer({ min: 1, max: 4 }),
  headSize: fc.integer({ min: 1, max: 21 }),
  layers: fc.integer({ min: 1, max: 2 }),
  innerChannels: fc.integer({ min: 1, max: 50 }),
  scaleAttention: fc.boolean(),
  scaleAttentionByInverseLayer: fc.boolean(),
  states: fc.oneof(fc.constantFrom(1, 127, 128, 129, 256, 257), fc.integer({ min: 1, max: 300 })),
  tokens: fc.integer({ min: 1, max: 14 }),
  seed: fc.nat(1e6),
});

/** Integers times a power of 2, which every format holds as they are; vectors and positions are any numbers. */
function exactWeight({ kind, shape }: Parameter, format: keyof typeof INTEGERS, seed: number): Float32Array {
  const random = randomSource(seed);
  const [least, most] = INTEGERS[format];
  const scale = 2 ** -Math.ceil(Math.log2(2 * Math.max(-least, most)));
  const [rows, columns = 1] = shape as [number, number?];
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    if (kind === 'vector' || kind === 'rows') return random.uniform() - 0.3;
    const k = kind === 'conv1d' ? Math.floor(i / columns) : i % columns;
    return scale * (k % BLOCK === 0 ? least : least + random.below(most - least + 1));
  });
}

async function filesOf(config: ModelConfig, format: keyof typeof INTEGERS, seed: number) {
  const target = memoryTarget();
  let count = 0;
  const weight = (parameter: Parameter) => [exactWeight(parameter, format, seed + count++)];
  await writeCheckpoint(target, { config, tokenizer, weight });
  return target.files;
}

/** Shapes for formats whose errors have no bound that holds for all. */
const QUANTIZED_SHAPES: Shape[] = [
  { heads: 1, headSize: 1, layers: 1, innerChannels: 3, states: 1, tokens: 3 },
  { heads: 1, headSize: 21, layers: 2, innerChannels: 40, states: 300, tokens: 14 },
  { heads: 4, headSize: 17, layers: 2, innerChannels: 50, states: 257, tokens: 5 },
  { heads: 2, headSize: 16, layers: 2, innerChannels: 32, states: 128, tokens: 9 },
  { heads: 3, headSize: 11, layers: 1, innerChannels: 31, states: 129, tokens: 12 },
  { heads: 2, headSize: 20, layers: 2, innerChannels: 48, states: 7, tokens: 14 },
].map((shape, seed) => ({
  ...shape,
  seed,
  scaleAttention: true,
  scaleAttentionByInverseLayer: seed % 2 === 0,
}));

type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never;

async function check(
  { heads, headSize, states: count, tokens, seed, ...shape }: Shape,
  { build, weights }: { readonly build: Build; readonly weights: keyof typeof INTEGERS },
): Promise<void> {
  const channels = heads * headSize;
  const config: ModelConfig = {
    ...{ ...shape, heads, channels, vocabSize: VOCABULARY, contextLength: 16 },
    ...{ activation: 'gelu-tanh', layerNormEpsilon: 1e-5, tiedHead: true, crossAttention: true },
    ...{ eosTokenIds: [], bosTokenId: undefined },
  };
  const files = await filesOf(config, weights, seed);
  const model = await loadModel(memorySource('exact', files), { build, weights });
  try {
    const random = randomSource(seed);
    const states = Float32Array.from({ length: count * channels }, () => 2 * random.uniform() - 1);
    const ids = Array.from({ length: tokens }, () => random.below(VOCABULARY));
    const rows = Array.from({ length: count }, (_, i) =>
      Float64Array.from(states.subarray(i * channels, (i + 1) * channels)),
    );
    const patterns: number[] = [];
    const see = (name: string, _: number, numbers: Float64Array) => {
      if (name.endsWith('cross.pattern')) patterns.push(...numbers);
    };
    const literal = new LiteralGpt2(files, see, rows);
    const inputs = { encoderStates: states };
    const expected = Float32Array.from(ids.flatMap((_, i) => [...literal.logits(ids.slice(0, i + 1))]));
    const near = (got: Float32Array, want: Float32Array) => {
      const error = relativeError(got, want);
      assert.ok(error <= ERRORS[weights], `relative error ${error}`);
    };
    near(await model.logits(ids, { inputs }), expected);
    const { core } = loadedModels.get(model)!;
    const reader = new CrossAttentionReader(core, inputs);
    const { shape: sizes, data } = await reader.read(ids);
    reader.release();
    assert.equal(sizes, [tokens, shape.layers, heads, count]);
    near(data, Float32Array.from(patterns));
  } finally {
    model.dispose();
  }
}

for (const build of BUILDS) {
  test(`${build}: logits and weights of states are those of the definition, whatever the shape`, async () => {
    const title = `cross-attention of any shape, ${build}`;
    await holds(title, shapes, (shape) => check(shape, { build, weights: 'f32' }), 12);
  });

  for (const weights of ['q8', 'q4'] as const) {
    test(`${build}, ${weights}: logits and weights of states are near those of the weights that it holds`, async () => {
      for (const shape of QUANTIZED_SHAPES) await check(shape, { build, weights });
    });
  }
}

test.run();
