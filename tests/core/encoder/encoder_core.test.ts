import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { EncoderConfig } from '../../../src/architecture/vit/config.js';
import { stateCount } from '../../../src/architecture/vit/config.js';
import { encoderParameters } from '../../../src/architecture/vit/parameters.js';
import { compileCore } from '../../../src/core/binary.js';
import { compileCross } from '../../../src/core/cross/cross_binary.js';
import { EncoderCore } from '../../../src/core/encoder/encoder_core.js';
import { planThreads } from '../../../src/core/threads/plan.js';
import { WEIGHT_FORMATS } from '../../../src/dtypes/weight_formats.js';
import { loadEncoder, randomEncoderWeights, randomPixels, SMALL_ENCODER } from '../../support/encoders.js';
import { BUILDS } from '../../support/relaxed.js';
import { thrown } from '../../support/thrown.js';

const WEIGHTS = randomEncoderWeights(SMALL_ENCODER, 1);
const image = (seed: number, config: EncoderConfig = SMALL_ENCODER) => randomPixels(config, seed);
const ONE_THREAD = planThreads(1, 0);

const create = (change: Partial<EncoderConfig>, maxMemory?: number) =>
  EncoderCore.create({
    ...{ build: 'simd', weights: 'f32', threads: ONE_THREAD, maxMemory },
    config: { ...SMALL_ENCODER, ...change },
  });

/** One head and one patch, pages that are not full, and more heads than threads. */
const CONFIGS: readonly EncoderConfig[] = [
  SMALL_ENCODER,
  { ...SMALL_ENCODER, heads: 1, imageSize: [3, 5], qkvBias: false, outputChannels: undefined },
  { ...SMALL_ENCODER, heads: 5, imageSize: [3, 650], classTokens: 1 },
];

for (const build of BUILDS) {
  for (const weights of WEIGHT_FORMATS) {
    test(`${build}, ${weights}: 2 and 3 threads give the bits of one`, async () => {
      for (const config of CONFIGS) {
        const numbers = randomEncoderWeights(config, 3);
        const one = await loadEncoder(config, numbers, { build, weights });
        const [first, second] = [await one.encode(image(4, config)), await one.encode(image(5, config))];
        for (const threads of config === SMALL_ENCODER ? [2, 3] : [3]) {
          const core = await loadEncoder(config, numbers, { build, weights, threads });
          assert.is(core.threads.count, threads);
          // A thread that is late must not take the next steps for its own.
          for (let round = 0; round < 3; round++) {
            assert.equal(await core.encode(image(4, config)), first);
            assert.equal(await core.encode(image(5, config)), second);
          }
          core.dispose();
        }
        one.dispose();
      }
    });
  }
}

test('an image has the same bits alone, after others and among calls at once, in memory that does not grow', async () => {
  const alone = await Promise.all(
    [1, 2, 3].map(async (seed) => (await loadEncoder(SMALL_ENCODER, WEIGHTS)).encode(image(seed))),
  );
  const core = await loadEncoder(SMALL_ENCODER, WEIGHTS);
  const { memoryBytes } = core;
  assert.equal(await Promise.all([1, 2, 3].map((seed) => core.encode(image(seed)))), alone);
  assert.equal(await core.encode(image(1)), alone[0]);
  assert.is(core.memoryBytes, memoryBytes);
  assert.is(alone[0]!.length, stateCount(SMALL_ENCODER) * SMALL_ENCODER.outputChannels!);
});

test('pixels of another number, of another type or not finite are refused', async () => {
  const core = await loadEncoder(SMALL_ENCODER, WEIGHTS);
  const { length } = image(1);
  for (const wrong of [
    new Float32Array(length - 1),
    new Float64Array(length),
    Array.from(image(1)),
    undefined,
  ]) {
    const call = () => core.encode(wrong as Float32Array);
    await thrown(call, 'invalid-option', /pixels/, /4050 numbers, \[3, 30, 45\]/);
  }
  for (const number of [Number.NaN, Infinity, -Infinity]) {
    const pixels = image(1);
    pixels[length - 1] = number;
    await thrown(() => core.encode(pixels), 'invalid-option', /pixels/, /NaN or infinite/);
  }
});

test('weights whose results overflow give an error and no numbers', async () => {
  const weights = new Map(WEIGHTS);
  weights.set('layernorm.weight', new Float32Array(SMALL_ENCODER.channels).fill(3e38));
  const core = await loadEncoder(SMALL_ENCODER, weights);
  await thrown(() => core.encode(image(1)), 'runtime', /NaN or infinite/);
});

for (const threads of [1, 2]) {
  test(`${threads} threads: a signal ends an image before, while it waits and between its slices`, async () => {
    const core = await loadEncoder(SMALL_ENCODER, WEIGHTS, { threads });
    const expected = await core.encode(image(1));
    const after = new AbortController();
    after.abort();
    await thrown(() => core.encode(image(2), after.signal), 'aborted', /encoding an image was aborted/);
    const [running, waiting] = [new AbortController(), new AbortController()];
    const calls = [
      core.encode(image(3), running.signal),
      core.encode(image(4), waiting.signal),
      core.encode(image(1)),
    ];
    waiting.abort();
    running.abort();
    await thrown(() => calls[0]!, 'aborted');
    await thrown(() => calls[1]!, 'aborted');
    assert.equal(await calls[2], expected);
    core.dispose();
  });

  test(`${threads} threads: a disposed encoder refuses calls, and those that run end`, async () => {
    const core = await loadEncoder(SMALL_ENCODER, WEIGHTS, { threads });
    const calls = [core.encode(image(1)), core.encode(image(2))];
    core.dispose();
    for (const call of [...calls, core.encode(image(3))]) await thrown(() => call, 'disposed');
    await thrown(() => core.memoryBytes, 'disposed');
  });
}

test('memory is bounded: the encoder takes what maxMemory allows or refuses it before any weight', async () => {
  const { memoryBytes } = await create({});
  assert.is((await create({}, memoryBytes)).memoryBytes, memoryBytes);
  for (const maxMemory of [1, memoryBytes - 1]) {
    await thrown(() => create({}, maxMemory), 'invalid-option', /maxMemory/, /bytes or more for the encoder/);
  }
});

test('encoders that fit no memory are refused at once', async () => {
  const most = 2 ** 24;
  const hostile: Partial<EncoderConfig>[] = [
    { imageSize: [most, most], patchSize: [1, 1] },
    { imageSize: [most, 1], patchSize: [1, 1], imageChannels: most },
    { channels: most, heads: 1 },
    { channels: most, heads: most, layers: 4096 },
    { innerChannels: most, layers: 4096 },
    { outputChannels: most, imageSize: [3 * 4096, 5 * 4096] },
    { patchSize: [most, most], imageSize: [most, most] },
  ];
  for (const change of hostile)
    await thrown(() => create(change), 'out-of-memory', /MiB of WebAssembly memory/);
});

test('a compiled module must be the binary of the build', async () => {
  const settings = { config: SMALL_ENCODER, build: 'simd', weights: 'f32', threads: ONE_THREAD } as const;
  const module = await compileCross('simd', false);
  const core = await EncoderCore.create({ ...settings, module });
  assert.ok(core.memoryBytes > 0);
  for (const wrong of [await compileCore('simd', false), {} as WebAssembly.Module]) {
    const call = () => EncoderCore.create({ ...settings, module: wrong });
    await thrown(call, 'invalid-option', /module/, /cross-simd\.wasm/);
  }
});

test('every weight counts', async () => {
  const core = await loadEncoder(SMALL_ENCODER, WEIGHTS);
  const pixels = image(1);
  const expected = await core.encode(pixels);
  for (const { name } of encoderParameters(SMALL_ENCODER)) {
    // A bias of all keys adds the same to all scores of a query.
    if (name.endsWith('key.bias')) continue;
    const changed = new Map(WEIGHTS).set(
      name,
      WEIGHTS.get(name)!.map((x, i) => x + ((i * i) % 11) / 8),
    );
    const states = await (await loadEncoder(SMALL_ENCODER, changed)).encode(pixels);
    assert.ok(
      states.some((x, i) => Math.abs(x - expected[i]!) > 1e-3),
      name,
    );
  }
});

test.run();
