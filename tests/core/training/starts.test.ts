import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelConfig } from '../../../src/architecture/gpt2/config.js';
import { loraTargets } from '../../../src/architecture/gpt2/lora.js';
import type { Batch } from '../../../src/core/training/batch.js';
import { TrainCore } from '../../../src/core/training/train_core.js';
import type { QuantizedFormat } from '../../../src/dtypes/weight_formats.js';
import { documentsOf, packedBatch, packings } from '../../support/packings.js';
import { holds } from '../../support/property.js';
import {
  captionedBatch,
  decoders,
  literalLoss,
  ODD,
  randomCaptioner,
  randomWeights,
} from '../../support/random_captioners.js';
import { ODD_MLP, prefixedBatch, randomPrefixed } from '../../support/random_prefixes.js';
import { BUILDS } from '../../support/relaxed.js';
import { checkSlope, gradientsOf, largestOf } from '../../support/slopes.js';
import { thrown } from '../../support/thrown.js';
import { DROPOUT, loadTrainCore, norm, SHAPE, state } from '../../support/training.js';

const SEEDS = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const LORA = { rank: 3, alpha: 6, targets: loraTargets(['c_attn', 'c_proj', 'c_fc']) };

/** Lengths on both sides of the borders of attention's tiles, of 24 queries and 48 keys, and of panels. */
const LENGTHS = fc.oneof(
  fc.constantFrom(1, 2, 15, 16, 17, 23, 24, 25, 47, 48, 49, 95, 96, 97),
  fc.integer({ min: 1, max: 120 }),
);

/** Models in which one more accumulation adds to all gradients in the order of rows: the head is not the embedding. */
const models = decoders.map((decoder) => ({
  ...{ ...decoder, crossAttention: false, contextLength: 130, tiedHead: false },
}));

/** Documents on both sides of the borders of tiles. */
const TILES = {
  config: { ...ODD.config, crossAttention: false, contextLength: 130, tiedHead: false },
  documents: [[1, 48, 49, 24], [97, 25], [122]],
  seed: 1,
};

for (const build of BUILDS) {
  test(`${build}: documents in one row have the bits of each alone in a row: losses, and gradients added in their order`, () =>
    holds(
      `${build}: documents in a row`,
      fc.record({
        config: models,
        documents: packings(130, LENGTHS),
        seed: SEEDS,
        isLora: fc.boolean(),
        recompute: fc.boolean(),
        quantize: fc.constant<QuantizedFormat | undefined>(undefined),
      }),
      async ({ config, documents, seed, isLora, recompute, quantize }) => {
        const batch = packedBatch(documents, config.vocabSize, seed);
        const shape = {
          ...{ batch: batch.batch, length: batch.length, recompute, quantize },
          ...(isLora && { lora: LORA }),
        };
        const coreWith = async () => {
          const core = await TrainCore.create({ config, build, shape, threads: 1 });
          randomWeights(core, seed);
          if (quantize !== undefined) core.quantize();
          return core;
        };
        const packed = await coreWith();
        const sum = await packed.accumulate(batch, { scale: 0.1 });
        const alone = await coreWith();
        const losses: number[] = [];
        const rows: number[] = [];
        for (const document of documentsOf(batch)) {
          await alone.accumulate(document, { scale: 0.1 });
          losses.push(...alone.losses());
          rows.push(...alone.embeddingGradients());
        }
        assert.equal(packed.losses(), Float64Array.from(losses));
        assert.equal(packed.embeddingGradients(), Float32Array.from(rows));
        assert.is(
          sum,
          losses.reduce((a, b) => a + b),
        );
        for (const [name, gradient] of gradientsOf(alone)) {
          assert.equal(gradientsOf(packed).get(name), gradient, name);
        }
        assert.is(await packed.evaluate(batch), sum);
        packed.dispose();
        alone.dispose();
      },
      20,
      [
        { ...TILES, isLora: false, recompute: false, quantize: undefined },
        { ...TILES, isLora: false, recompute: true, quantize: 'q4' },
        { ...TILES, isLora: true, recompute: false, quantize: 'q8' },
      ],
    ));

  test(`${build}: losses and gradients of documents are those of their definition`, () =>
    holds(
      `${build}: gradients of documents`,
      fc.record({
        decoder: decoders,
        documents: packings(12, fc.integer({ min: 1, max: 5 }), 3),
        seed: SEEDS,
      }),
      async ({ decoder, documents, seed }) => {
        const config = { ...decoder, crossAttention: false };
        const batch = packedBatch(documents, config.vocabSize, seed);
        const shape = { batch: batch.batch, length: batch.length };
        const core = await TrainCore.create({ config, build, shape, threads: 1 });
        const weights = randomWeights(core, seed + 1);
        const lossOf = (moved: Map<string, Float64Array>) =>
          documentsOf(batch).reduce((sum, one) => sum + literalLoss({ config }, moved, one), 0);
        const want = lossOf(weights);
        const got = await core.accumulate(batch, { scale: 1 });
        assert.ok(Math.abs(got - want) <= 1e-4 * want + 1e-5, `loss ${got}, not ${want}`);
        const gradients = gradientsOf(core);
        const largest = largestOf(gradients.values());
        for (const [name, gradient] of gradients) {
          if (!/^(wte|wpe|h\.0\.attn\.c_attn)\./.test(name)) continue;
          checkSlope(name, gradient, largest, seed, (direction, by) =>
            lossOf(
              new Map(weights).set(
                name,
                weights.get(name)!.map((w, i) => w + by * direction[i]!),
              ),
            ),
          );
        }
        core.dispose();
      },
      10,
    ));
}

test('dropout drops of documents the attention weights that it drops of a row without borders', async () => {
  // Tokens below 8 attend to each other alone, as those from 8 on do: other weights are too small for f32.
  const config: ModelConfig = {
    ...{ ...ODD.config, vocabSize: 16, contextLength: 60, channels: 8, layers: 1, heads: 1 },
    ...{ scaleAttention: false, tiedHead: false, crossAttention: false },
  };
  const shape = { batch: 2, length: 60 };
  const core = await TrainCore.create({ config, build: 'simd', shape, threads: 1 });
  randomWeights(core, 1);
  const change = (name: string, value: (w: number, i: number) => number) => {
    const parameter = core.parameters.find((one) => one.name === name)!;
    core.write('weights', parameter, core.read('weights', parameter).map(value));
  };
  change('wpe.weight', () => 0);
  change('wte.weight', (w, i) => (i % 8 > 0 ? w : i < 64 ? 4 : -4));
  change('h.0.ln_1.weight', () => 1);
  change('h.0.ln_1.bias', () => 0);
  change('h.0.attn.c_attn.bias', () => 0);
  change('h.0.attn.c_attn.weight', (w, i) => (i % 24 >= 16 ? w : i === 0 || i === 8 ? 4 : 0));
  const { starts, ...row } = packedBatch(
    [
      [27, 33],
      [50, 10],
    ],
    8,
    2,
  );
  const tokens = Array.from(row.tokens, (token, i) => (starts[i] === 0 ? token : token + 8));
  const options = {
    scale: 1,
    seed: 3,
    microbatch: 4,
    dropout: { embedding: 0, attention: 0.5, residual: 0.3 },
  };
  const withBorders = await core.accumulate({ ...row, tokens, starts }, options);
  const gradients = core.embeddingGradients();
  const without = await core.accumulate({ ...row, tokens }, options);
  assert.ok(Math.abs(withBorders - without) < 1e-4, `${withBorders}, ${without}`);
  const difference = norm(core.embeddingGradients().map((g, i) => g - gradients[i]!));
  assert.ok(difference < 1e-5 * norm(gradients), `${difference}`);
  assert.ok(Math.abs((await core.accumulate({ ...row, tokens }, { ...options, seed: 4 })) - without) > 0.1);
  core.dispose();
});

test('2 and 3 threads give documents the bits of one, also if they recompute', async () => {
  const run = async (threads: number, recompute: boolean) => {
    const core = await loadTrainCore('odd-sizes', 'simd', { ...SHAPE, recompute }, threads);
    const batch = packedBatch([[3, 16, 1], [20], [1, 1, 9, 9]], core.config.vocabSize, 5);
    await core.accumulate(batch, { scale: 0.1, seed: 1, dropout: DROPOUT });
    const results = [core.losses(), ...state(core, 'gradients')];
    core.dispose();
    return results;
  };
  const one = await run(1, false);
  for (const [threads, recompute] of [
    [2, false],
    [3, true],
    [1, true],
  ] as const) {
    assert.equal(await run(threads, recompute), one, `${threads} threads, recompute ${recompute}`);
  }
});

test('a batch whose sequences are one document each has the bits of one without borders', async () => {
  const core = await loadTrainCore('odd-sizes', 'simd', SHAPE);
  const { starts, ...batch } = packedBatch([[20], [20]], core.config.vocabSize, 6);
  const options = { scale: 1, dropout: DROPOUT };
  const results = async (input: Batch) => [await core.accumulate(input, options), core.embeddingGradients()];
  assert.equal(await results({ ...batch, starts }), await results(batch));
  // And after a batch with borders, they are gone.
  const plain = await results(batch);
  assert.not.equal(await results({ ...batch, starts: starts.map((_, i) => i % 20) }), plain);
  assert.equal(await results(batch), plain);
  core.dispose();
});

test('starts that are none are refused, by name', async () => {
  const core = await loadTrainCore('base', 'simd', SHAPE);
  const { starts, ...batch } = packedBatch([[1, 2], [3]], core.config.vocabSize, 7);
  const none: [unknown, RegExp][] = [
    ['0', /^starts is a string; it must be an array/],
    [[0, 1, 1], /^starts has 3 numbers; the batch has 6 tokens$/],
    [[1, 1, 1, 0, 0, 0], /^start 0 is 1; it must be 0, the position of the token in its sequence$/],
    [[0, 1, 1, 1, 1, 1], /^start 3 is 1; it must be 0/],
    [[0, 2, 2, 0, 0, 0], /^start 1 is 2; it must be 1, .* or 0, as that of the token before$/],
    [[0, 1, 0, 0, 0, 0], /^start 2 is 0; it must be 2, .* or 1/],
    [[0, 1, NaN, 0, 0, 0], /^start 2 is NaN/],
    [[0, 1, '1', 0, 0, 0], /^start 2 is "1"/],
  ];
  for (const [bad, message] of none) {
    await thrown(() => core.evaluate({ ...batch, starts: bad as number[] }), 'invalid-option', message);
  }
  await core.evaluate({ ...batch, starts });
  core.dispose();
});

test('sequences with encoder states or vectors of a mapper have no borders', async () => {
  const shape = { batch: 1, length: 8 };
  const { core } = await randomCaptioner(ODD, shape, 8);
  const captioned = captionedBatch(ODD, 1, 3, 9);
  await thrown(
    () => core.evaluate({ ...captioned, starts: [0, 0, 0] }),
    'invalid-option',
    /^starts is an array; it must be undefined: sequences have encoder states/,
  );
  const { core: prefixed } = await randomPrefixed(ODD_MLP, shape, 8);
  const batch = prefixedBatch(ODD_MLP, 1, 3, 9);
  await thrown(
    () => prefixed.evaluate({ ...batch, starts: Array.from(batch.targets, () => 0) }),
    'invalid-option',
    /^starts .* vectors of a mapper/,
  );
  core.dispose();
  prefixed.dispose();
});

test.run();
