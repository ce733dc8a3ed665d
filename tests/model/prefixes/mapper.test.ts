import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tanh } from '../../../src/base/tanh.js';
import { loadMapper, type MapperOptions } from '../../../src/index.js';
import { literalMapper, type MapperTensors } from '../../support/literal_mapper.js';
import { inClipCap, mlpShapes, randomTensors, transformerShapes } from '../../support/mappers.js';
import { near } from '../../support/near.js';
import { holds } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { type GivenTensor, safetensorsOf } from '../../support/safetensors_of.js';
import { memorySource } from '../../support/sources.js';
import { thrown } from '../../support/thrown.js';

const sourceOf = (tensors: MapperTensors, path = 'model.safetensors') =>
  memorySource('mine', { [path]: safetensorsOf(tensors) });

const tensor = (shape: readonly number[], ...values: number[]): GivenTensor => ({
  shape,
  values: Float32Array.from(values),
});
const width = (channels: number) => ({ config: { channels } });

async function mapped(tensors: MapperTensors, features: Float32Array, options: MapperOptions = {}) {
  const mapper = await loadMapper(sourceOf(tensors), { build: 'simd', ...options });
  const vectors = await mapper.map(features);
  assert.equal(await mapper.map(features), vectors);
  assert.is(vectors.length, mapper.vectors * mapper.channels);
  assert.is(mapper.features, features.length);
  mapper.dispose();
  await thrown(() => mapper.map(features), 'disposed');
  return vectors;
}

test('a mapper of two matrices, by hand', async () => {
  const tensors = {
    'model.0.weight': tensor([1, 2], 1, -1),
    'model.0.bias': tensor([1], 0.5),
    'model.2.weight': tensor([4, 1], 2, -1, 0, 1),
    'model.2.bias': tensor([4], 0, 1, 3, 0),
  };
  // tanh(2 - 1 + 0.5) = 0.90514825
  const expected = [1.81029651, 0.09485175, 3, 0.90514825];
  const vectors = await mapped(inClipCap(tensors), Float32Array.of(2, 1), { model: width(2) });
  for (const [i, value] of expected.entries()) near(vectors[i]!, value, 1e-6);
});

test('a mapper that is a transformer, by hand', async () => {
  const layer = (rest: object) =>
    Object.fromEntries(Object.entries(rest).map(([name, value]) => [`transformer.layers.0.${name}`, value]));
  const tensors = {
    'linear.weight': tensor([2, 1], 3, 1),
    'linear.bias': tensor([2], 0, 0),
    prefix_const: tensor([1, 2], 0, 4),
    ...layer({
      'norm1.weight': tensor([2], 1, 1),
      'norm1.bias': tensor([2], 0, 0),
      // All scores are 0: each state gets the mean of the values, which are the normed states.
      'attn.to_queries.weight': tensor([2, 2], 0, 0, 0, 0),
      'attn.to_keys_values.weight': tensor([4, 2], 5, 6, 7, 8, 1, 0, 0, 1),
      'attn.project.weight': tensor([2, 2], 2, 0, 0, 2),
      'attn.project.bias': tensor([2], 0.5, 0),
      'norm2.weight': tensor([2], 1, 1),
      'norm2.bias': tensor([2], 0, 0),
      'mlp.fc1.weight': tensor([3, 2], 1, 0, 0, 1, 1, 1),
      'mlp.fc1.bias': tensor([3], 0, 0, -1),
      'mlp.fc2.weight': tensor([2, 3], 10, 1, 10, 0, 3, 10),
      'mlp.fc2.bias': tensor([2], 0, 1),
    }),
  };
  // States [3, 1] and [0, 4] are normed to [1, -1] and [-1, 1], whose mean is 0; the second becomes [0.5, 4], normed
  // [-1, 1], of which relu leaves [0, 1, 0].
  const vectors = await mapped(inClipCap(tensors), Float32Array.of(1), { heads: 1 });
  near(vectors[0]!, 0.5 + 1, 1e-4);
  near(vectors[1]!, 4 + 3 + 1, 1e-4);
});

/** The largest difference of a mapper from the definition of ClipCap. */
async function assertLiteral(
  tensors: MapperTensors,
  heads: number,
  features: number,
  seed: number,
  options: MapperOptions,
) {
  const random = randomSource(seed);
  const given = Float32Array.from({ length: features }, () => random.uniform() - 0.5);
  const expected = literalMapper(tensors, given, heads);
  const named = seed % 2 === 0 ? inClipCap(tensors) : tensors;
  const vectors = await mapped(named, given, { ...options, heads });
  assert.is(vectors.length, expected.length);
  for (const [i, value] of expected.entries())
    near(vectors[i]!, value, 2e-5 * (1 + Math.abs(value)), `number ${i}`);
}

const count = (most: number) => fc.integer({ min: 1, max: most });
const SEED = fc.integer({ min: 1, max: 1e9 });
const DTYPE = fc.constantFrom('F32', 'BF16') as fc.Arbitrary<'F32' | 'BF16'>;

test('mappers of two matrices are those of the definition', () =>
  holds(
    'mappers of two matrices',
    fc.record({
      features: count(40),
      hidden: count(70),
      channels: count(20),
      vectors: count(5),
      seed: SEED,
      dtype: DTYPE,
    }),
    async ({ features, hidden, channels, vectors, seed, dtype }) => {
      const tensors = randomTensors(mlpShapes(features, hidden, vectors * channels), seed, dtype);
      await assertLiteral(tensors, 1, features, seed, { model: width(channels) });
    },
    20,
  ));

test('mappers that are transformers are those of the definition, on any number of threads', () =>
  holds(
    'mappers that are transformers',
    fc.record({
      ...{ features: count(20), heads: count(8), size: count(12), made: count(4), vectors: count(6) },
      ...{ layers: count(3), inner: count(50), seed: SEED, dtype: DTYPE, threads: count(2) },
    }),
    async ({ heads, size, seed, dtype, threads, ...sizes }) => {
      const tensors = randomTensors(transformerShapes({ ...sizes, channels: heads * size }), seed, dtype);
      await assertLiteral(tensors, heads, sizes.features, seed, { threads });
    },
    12,
  ));

test('tanh is that of the engine to 13 digits, and odd', () => {
  const random = randomSource(4);
  for (let i = 0; i < 2000; i++) {
    const x = 40 * (random.uniform() - 0.5) ** 3 * 2 ** -random.below(20);
    near(tanh(x), Math.tanh(x), 1e-13 * Math.abs(Math.tanh(x)), `tanh(${x})`);
    assert.is(tanh(-x), -tanh(x));
  }
  for (const x of [0, 1e-300, 1e5, Infinity, -Infinity]) assert.is(tanh(x), Math.tanh(x));
  assert.ok(Number.isNaN(tanh(Number.NaN)));
});

const MLP = randomTensors(mlpShapes(3, 5, 8), 1);
const SIZES = { features: 3, channels: 8, made: 2, vectors: 2, layers: 2 };
const TRANSFORMER = randomTensors(transformerShapes(SIZES), 2);

test('the width of a model comes from the GPT-2 in the file or from the option, and must fit', async () => {
  const beside = {
    ...inClipCap(MLP),
    'gpt.transformer.wte.weight': tensor([3, 4], ...new Array(12).fill(1)),
  };
  const mapper = await loadMapper(sourceOf(beside, 'coco.safetensors'));
  assert.equal([mapper.features, mapper.vectors, mapper.channels], [3, 2, 4]);
  const refused = (
    tensors: MapperTensors,
    options: MapperOptions,
    code: 'unsupported' | 'invalid-option',
    ...words: string[]
  ) => thrown(() => loadMapper(sourceOf(tensors), options), code, ...words);
  await refused(inClipCap(MLP), {}, 'invalid-option', 'gives 8 numbers', 'give the option model');
  await refused(MLP, { model: width(3) }, 'unsupported', 'no vectors of 3');
  await refused(beside, { model: width(8) }, 'unsupported', '4 numbers', 'this model has 8');
  await refused(TRANSFORMER, { model: width(4) }, 'unsupported', '8 numbers', 'this model has 4');
  await refused(TRANSFORMER, { heads: 3 }, 'invalid-option', 'heads is 3', 'a divisor of 8');
  await refused(TRANSFORMER, { heads: 0 }, 'invalid-option', 'heads is 0');
  await refused(TRANSFORMER, { build: 'x' as never }, 'invalid-option', 'build');
  await refused(TRANSFORMER, { threads: 0 }, 'invalid-option', 'threads');
  await refused(TRANSFORMER, { head: 8 } as never, 'invalid-option', 'did you mean heads');
});

test('files that are no mapper are refused by name', async () => {
  const refused = async (
    tensors: MapperTensors,
    code: 'unsupported' | 'invalid-file' | 'not-found',
    ...words: string[]
  ) => {
    await thrown(() => loadMapper(sourceOf(tensors), { model: width(8) }), code, ...words);
    await thrown(() => loadMapper(sourceOf(inClipCap(tensors)), { model: width(8) }), code, ...words);
  };
  await refused({}, 'not-found', 'no mapper of ClipCap');
  await refused({ 'wte.weight': tensor([1, 1], 1) }, 'not-found', 'no mapper of ClipCap');
  for (const whole of [MLP, TRANSFORMER]) {
    for (const [name, { shape, values }] of Object.entries(whole)) {
      const { [name]: _, ...rest } = whole;
      await refused(
        rest,
        name === 'prefix_const' || name === 'model.0.weight' ? 'not-found' : 'invalid-file',
      );
      const longer = { shape: [...shape, 1], values };
      await refused({ ...whole, [name]: longer }, 'invalid-file', name);
      await refused(
        { ...whole, [name]: { shape, values: values.map(() => Number.NaN) } },
        'invalid-file',
        'NaN',
      );
    }
    await refused(
      { ...whole, 'model.4.weight': tensor([1], 1) },
      'unsupported',
      'the tensor "model.4.weight"',
    );
  }
  const ragged = { ...TRANSFORMER, prefix_const: tensor([2, 7], ...new Array(14).fill(0)) };
  await refused(ragged, 'invalid-file', 'linear.weight gives 16 numbers, which are no vectors of 7');
  const gap = Object.entries(TRANSFORMER).map(([name, value]) => [
    name.replace('layers.1', 'layers.5'),
    value,
  ]);
  await refused(Object.fromEntries(gap), 'invalid-file', 'transformer.layers.1.');
  const file = safetensorsOf(MLP);
  await thrown(
    () => loadMapper(memorySource('mine', { 'x.json': '{}' })),
    'not-found',
    'no .safetensors, .pt, .pth or .bin file',
    'clip_project',
  );
  await thrown(
    () => loadMapper(memorySource('mine', { 'a.safetensors': file, 'b.safetensors': file })),
    'invalid-option',
    'a.safetensors, b.safetensors; give one of them',
  );
});

test('features that cannot be mapped are refused, and work can be aborted', async () => {
  for (const tensors of [MLP, TRANSFORMER]) {
    const mapper = await loadMapper(sourceOf(tensors), { model: width(8) });
    const features = Float32Array.of(1, 2, 3);
    await thrown(
      () => mapper.map([1, 2, 3] as never),
      'invalid-option',
      'features is an array',
      'of 3 numbers',
    );
    await thrown(() => mapper.map(Float32Array.of(1, 2)), 'invalid-option', '2 numbers', 'of 3 numbers');
    await thrown(() => mapper.map(features.fill(Number.NaN, 1, 2)), 'invalid-option', 'NaN or infinite');
    await thrown(() => mapper.map(new Float32Array(3), { signal: AbortSignal.abort() }), 'aborted');
    mapper.dispose();
  }
  await thrown(() => loadMapper(sourceOf(TRANSFORMER), { signal: AbortSignal.abort() }), 'aborted');
  const large = {
    ...MLP,
    'model.2.weight': tensor([8, 5], ...new Array(40).fill(3e38)),
    'model.0.bias': tensor([5], 9, 9, 9, 9, 9),
  };
  const mapper = await loadMapper(sourceOf(large), { model: width(8) });
  await thrown(() => mapper.map(new Float32Array(3)), 'runtime', 'NaN or infinite');
});

test.run();
