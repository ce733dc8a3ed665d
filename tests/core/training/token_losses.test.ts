import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelConfig } from '../../../src/architecture/gpt2/config.js';
import type { Batch } from '../../../src/core/training/batch.js';
import type { MicrobatchOptions } from '../../../src/core/training/microbatch_options.js';
import { TrainCore } from '../../../src/core/training/train_core.js';
import { literalLogits, logSumExp, type Weights } from '../../support/literal_captioner.js';
import { allNear, near } from '../../support/near.js';
import { holds } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { decoders, randomWeights, sequencesOf } from '../../support/random_captioners.js';
import { BUILDS } from '../../support/relaxed.js';
import { checkSlope, gradientsOf, largestOf } from '../../support/slopes.js';
import { thrown } from '../../support/thrown.js';
import { loadTrainCore, randomBatch, SHAPE, state } from '../../support/training.js';

const ODD_SIZES: ModelConfig = {
  ...{ vocabSize: 37, contextLength: 12, channels: 20, layers: 2, heads: 4, innerChannels: 27 },
  ...{ activation: 'gelu-tanh', layerNormEpsilon: 0.05, scaleAttention: true, crossAttention: false },
  ...{ scaleAttentionByInverseLayer: false, tiedHead: true, eosTokenIds: [0], bosTokenId: undefined },
};

const KINDS = ['factors', 'logit', 'teacher', 'logit and factors'] as const;

const inputs = decoders.chain((decoder) =>
  fc.record({
    config: fc.constant<ModelConfig>({ ...decoder, crossAttention: false }),
    kind: fc.constantFrom(...KINDS),
    batch: fc.integer({ min: 1, max: 3 }),
    length: fc.integer({ min: 1, max: 6 }),
    hardShare: fc.double({ min: 0, max: 0.99, noNaN: true }),
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  }),
);

/** V positive numbers whose sum is 1. */
function distribution(random: ReturnType<typeof randomSource>, vocabSize: number): Float32Array {
  const values = Array.from({ length: vocabSize }, () => random.uniform() ** 3 + 1e-3);
  const sum = values.reduce((a, b) => a + b);
  return Float32Array.from(values, (value) => value / sum);
}

/** The loss of each token by its definition. */
function literalTokenLosses(
  config: ModelConfig,
  weights: Weights,
  batch: Batch,
  isLogit: boolean,
  teacher: readonly Float32Array[] | undefined,
  hardShare: number,
): number[] {
  const logits = sequencesOf({ config }, batch).flatMap((one) => literalLogits({ config }, weights, one));
  return logits.map((row, i) => {
    const target = batch.targets[i]!;
    if (target < 0) return 0;
    if (isLogit) return -row[target]!;
    const hard = logSumExp(row) - row[target]!;
    if (teacher === undefined) return hard;
    const soft = row.reduce((sum, logit, id) => sum + teacher[i]![id]! * (logSumExp(row) - logit), 0);
    return hardShare * hard + (1 - hardShare) * soft;
  });
}

for (const build of BUILDS) {
  test(`${build}: losses and gradients of weighted tokens, logits and distributions are those of their definition`, () =>
    holds(
      `${build}: token losses`,
      inputs,
      async ({ config, kind, batch: B, length, hardShare, seed }) => {
        const shape = { batch: B, length, distill: kind === 'teacher' };
        const core = await TrainCore.create({ config, build, shape });
        const weights = randomWeights(core, seed);
        const drawn = randomBatch(seed + 1, config.vocabSize, B, length);
        // At least one token has a target, so that there are gradients.
        const batch = { ...drawn, targets: [0, ...Array.from(drawn.targets).slice(1)] };
        const random = randomSource(seed + 2);
        const factors = Array.from({ length: B * length }, () => 2 * random.uniform() - 1);
        const soft = factors.map(() => distribution(random, config.vocabSize));
        const isLogit = kind.startsWith('logit');
        const hasFactors = kind.endsWith('factors');
        const lossesAt = (at: Weights) =>
          literalTokenLosses(config, at, batch, isLogit, shape.distill ? soft : undefined, hardShare);
        const seen: number[] = [];
        const options: MicrobatchOptions = {
          scale: 1,
          ...(isLogit && { loss: 'logit' }),
          ...(hasFactors && {
            factors: (losses: Float64Array) => {
              seen.push(...losses);
              return factors;
            },
          }),
          ...(shape.distill && {
            teacher: {
              hardShare,
              write: (firstRow: number, rows: readonly Float32Array[]) => {
                for (const [i, row] of rows.entries()) row.set(soft[firstRow + i]!);
              },
            },
          }),
        };
        const got = await core.accumulate(batch, options);
        const want = lossesAt(weights);
        near(
          got,
          want.reduce((a, b) => a + b, 0),
          1e-3,
        );
        allNear(core.losses(), want, 1e-3);
        if (hasFactors) assert.equal(seen, [...core.losses()]);
        const gradients = gradientsOf(core);
        const largest = largestOf(gradients.values());
        for (const [name, gradient] of gradients) {
          if (!/^(lm_head|wte|ln_f|h\.0\.attn\.c_attn)\.weight$/.test(name)) continue;
          checkSlope(name, gradient, largest, seed, (direction, by) => {
            const moved = weights.get(name)!.map((w, i) => w + by * direction[i]!);
            return lossesAt(new Map(weights).set(name, moved)).reduce(
              (sum, loss, i) => sum + loss * (hasFactors ? factors[i]! : 1),
              0,
            );
          });
        }
        core.dispose();
      },
      16,
      KINDS.map((kind, i) => ({
        ...{ kind, batch: 2, length: 5, hardShare: 0.25, seed: i },
        config: { ...ODD_SIZES, tiedHead: i % 2 === 0 },
      })),
    ));
}

test('factors of 1 change no bit', async () => {
  const core = await loadTrainCore('odd-sizes', 'simd', SHAPE);
  const batch = randomBatch(3, core.config.vocabSize);
  const plain = await core.accumulate(batch, { scale: 0.1 });
  const gradients = state(core, 'gradients');
  const again = await loadTrainCore('odd-sizes', 'simd', SHAPE);
  const weighted = await again.accumulate(batch, { scale: 0.1, factors: (losses) => losses.map(() => 1) });
  assert.is(weighted, plain);
  assert.equal(state(again, 'gradients'), gradients);
  core.dispose();
  again.dispose();
});

test('wrong factors, teachers and losses are refused, and the core stays usable', async () => {
  const core = await loadTrainCore('odd-sizes', 'simd', SHAPE);
  const batch = randomBatch(3, core.config.vocabSize);
  const refused = async (options: object, part: string) =>
    thrown(
      () => core.accumulate(batch, { scale: 1, ...options } as MicrobatchOptions),
      'invalid-option',
      part,
    );
  await refused({ factors: 1 }, 'factors');
  await refused({ factors: () => [1] }, 'there are 1 factors');
  await refused({ factors: () => null }, 'factors');
  await refused({ factors: (losses: Float64Array) => Array.from(losses, () => '1') }, 'factor 0');
  await refused({ loss: 'none' }, 'loss');
  await refused({ teacher: { hardShare: 0, write() {} } }, 'distill');
  await thrown(() => core.evaluate(batch, 'none' as 'logit'), 'invalid-option', 'loss');
  const plain = await core.evaluate(batch);
  const distilling = await loadTrainCore('odd-sizes', 'simd', { ...SHAPE, distill: true });
  for (const hardShare of [1, -1, Number.NaN]) {
    const options = { scale: 1, teacher: { hardShare, write() {} } };
    await thrown(() => distilling.accumulate(batch, options), 'invalid-option', 'hardShare');
  }
  const both = { scale: 1, teacher: { hardShare: 0, write() {} }, loss: 'logit' as const };
  await thrown(() => distilling.accumulate(batch, both), 'invalid-option', 'teacher');
  assert.is(await distilling.evaluate(batch), plain);
  core.dispose();
  distilling.dispose();
});

test('an error of the caller ends the call, and the next one works', async () => {
  const core = await loadTrainCore('odd-sizes', 'simd', SHAPE);
  const batch = randomBatch(3, core.config.vocabSize);
  const before = await core.evaluate(batch);
  const factors = () => {
    throw new RangeError('mine');
  };
  await core.accumulate(batch, { scale: 1, factors }).then(
    () => assert.unreachable(),
    (error) => assert.instance(error, RangeError),
  );
  assert.is(await core.evaluate(batch), before);
  core.dispose();
});

test.run();
