import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loraTargets } from '../../../src/architecture/gpt2/lora.js';
import { TrainCore } from '../../../src/core/training/train_core.js';
import { type AnswerRow, answerBatch } from '../../../src/train/preferences/answer_rows.js';
import type { Preference } from '../../../src/train/preferences/encode_preferences.js';
import { KtoObjective } from '../../../src/train/preferences/kto_objective.js';
import { PairObjective } from '../../../src/train/preferences/pair_objective.js';
import { preferenceRows } from '../../../src/train/preferences/preference_batch.js';
import { referenceLogProbabilities } from '../../../src/train/preferences/reference.js';
import { literalLosses, type Weights } from '../../support/literal_captioner.js';
import { near } from '../../support/near.js';
import { holds } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { decoders, randomWeights } from '../../support/random_captioners.js';
import { BUILDS } from '../../support/relaxed.js';
import { checkSlope, gradientsOf, largestOf } from '../../support/slopes.js';

const inputs = fc.record({
  decoder: decoders,
  pairs: fc.integer({ min: 1, max: 3 }),
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  isLora: fc.boolean(),
  kind: fc.constantFrom('dpo', 'simpo', 'kto'),
});

const BETA = 0.7;
const GAMMA = 0.4;
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Answers of 1 to 4 tokens after prompts of 1 to 3. */
function randomPreferences(vocabSize: number, count: number, seed: number): Preference[] {
  const random = randomSource(seed);
  const ids = (most: number) => Array.from({ length: 1 + random.below(most) }, () => random.below(vocabSize));
  return Array.from({ length: count }, (_, index) => {
    const prompt = ids(3);
    const row = (): AnswerRow => ({ ids: [...prompt, ...ids(4)], from: prompt.length });
    return { index, answers: [row(), row()], isDesirable: index % 2 === 0 };
  });
}

const RANK = 2;
const ALPHA = 4;

/** The change that an adapter of A [rank, K] and B [N, rank] makes to a matrix [K, N]. */
function product(a: Float64Array, b: Float64Array, K: number): Float64Array {
  const N = b.length / RANK;
  return Float64Array.from({ length: K * N }, (_, i) => {
    const [k, n] = [Math.floor(i / N), i % N];
    let sum = 0;
    for (let r = 0; r < RANK; r++) sum += a[r * K + k]! * b[n * RANK + r]!;
    return (ALPHA / RANK) * sum;
  });
}

for (const build of BUILDS) {
  test(`${build}: losses and gradients of preferences are those of a model in double precision`, () =>
    holds(
      `${build}: gradients of preferences`,
      inputs,
      async ({ decoder, pairs, seed, isLora, kind }) => {
        const config = { ...decoder, crossAttention: false };
        const lora = isLora ? { rank: RANK, alpha: ALPHA, targets: loraTargets(['c_attn']) } : undefined;
        const shape = { batch: 2 * pairs, length: 6, lora };
        const core = await TrainCore.create({ config, build, shape });
        const preferences = randomPreferences(config.vocabSize, pairs, seed + 1);
        const logProbability = (weights: Weights, row: AnswerRow) => {
          const { tokens, targets } = answerBatch([row], 0);
          const sequence = { tokens: Array.from(tokens), targets: Array.from(targets) };
          return -literalLosses({ config }, weights, sequence).reduce((sum, loss) => sum + loss);
        };
        // With B of 0, an adapter changes nothing yet.
        const clear = () => {
          for (const one of core.parameters.filter(({ name }) => name.includes('lora_B')))
            core.write('weights', one, new Float32Array(one.shape[0]! * one.shape[1]!));
        };
        const before = randomWeights(core, seed + 2);
        clear();
        const reference = await referenceLogProbabilities(core, preferences, 0, {});
        const rows = preferences.flatMap(({ answers }) => answers);
        rows.forEach((row, i) => {
          const want = logProbability(before, row);
          near(reference[i]!, want, 1e-4 * (1 + Math.abs(want)), `log-probability of answer ${i}`);
        });
        const weights = randomWeights(core, seed);
        clear();
        const now = (values: Weights) => rows.map((row) => logProbability(values, row));
        const fixed = now(weights);
        const shift = (numbers: number[], i: number) => numbers[i]! - reference[i]!;
        const mean = preferences.reduce((sum, _, i) => sum + shift(fixed, 2 * i + 1), 0) / pairs;
        const length = (i: number) => rows[i]!.ids.length - rows[i]!.from;
        const literal = (values: Weights) => {
          const numbers = now(values);
          let sum = 0;
          for (let i = 0; i < pairs; i++) {
            if (kind === 'kto') {
              const sign = preferences[i]!.isDesirable ? 1 : -1;
              sum +=
                (i % 2 ? 1.5 : 1) * (1 - sigmoid(sign * BETA * (shift(numbers, 2 * i) - Math.max(0, mean))));
              continue;
            }
            const reward = (j: number) =>
              kind === 'dpo' ? BETA * shift(numbers, j) : (BETA * numbers[j]!) / length(j);
            sum -= Math.log(sigmoid(reward(2 * i) - reward(2 * i + 1) - (kind === 'dpo' ? 0 : GAMMA)));
          }
          return sum;
        };
        const tokenLoss = 'cross-entropy';
        const objective =
          kind === 'kto'
            ? new KtoObjective({
                ...{ beta: BETA, desirableWeight: 1, undesirableWeight: 1.5, reference, padTokenId: 0 },
              })
            : kind === 'dpo'
              ? new PairObjective({ tokenLoss, weight: () => BETA, reference, gamma: 0 })
              : new PairObjective({
                  ...{ tokenLoss, weight: ({ ids, from }) => BETA / (ids.length - from), gamma: GAMMA },
                });
        const isSingle = kind === 'kto';
        const batch = preferenceRows(pairs, (one) => (isSingle ? [one.answers[0]] : [...one.answers]), 0);
        const input = batch.batch(preferences) as never;
        const want = literal(weights);
        const got = await objective.accumulate(core, input, { scale: 1 });
        near(got, want, 1e-4 * (1 + want), 'loss');
        near(await objective.evaluate(core, input), got, 0, 'loss of an evaluation');
        const gradients = gradientsOf(core);
        const largest = largestOf(gradients.values());
        assert.is(gradients.has('wte.weight'), !isLora);
        for (const [name, gradient] of gradients) {
          if (!/^(wte|h\.0\.attn\.c_attn)\.(weight|lora_B\b.*)$/.test(name)) continue;
          checkSlope(name, gradient, largest, seed, (direction, by) => {
            const changed = name.includes('lora_B') ? 'h.0.attn.c_attn.weight' : name;
            const change = name.includes('lora_B')
              ? product(weights.get(name.replace('lora_B', 'lora_A'))!, direction, decoder.channels)
              : direction;
            const moved = weights.get(changed)!.map((w, i) => w + by * change[i]!);
            return literal(new Map(weights).set(changed, moved));
          });
        }
        core.dispose();
      },
      12,
    ));
}

test.run();
