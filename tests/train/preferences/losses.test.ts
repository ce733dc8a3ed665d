import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TrainCore } from '../../../src/core/training/train_core.js';
import type { AnswerRow } from '../../../src/train/preferences/answer_rows.js';
import type { Preference } from '../../../src/train/preferences/encode_preferences.js';
import { KtoObjective } from '../../../src/train/preferences/kto_objective.js';
import { PairObjective } from '../../../src/train/preferences/pair_objective.js';
import { type PreferenceBatch, preferenceRows } from '../../../src/train/preferences/preference_batch.js';
import type { PreferenceObjective } from '../../../src/train/preferences/preference_objective.js';
import { near } from '../../support/near.js';
import { holds } from '../../support/property.js';

/*
 * The losses as the papers write them, in terms of log-probabilities of answers.
 */

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Rafailov et al. 2023, equation 7. */
const dpo = (beta: number, [chosen, rejected]: number[], [chosenBefore, rejectedBefore]: number[]) =>
  -Math.log(sigmoid(beta * (chosen! - chosenBefore!) - beta * (rejected! - rejectedBefore!)));

/** Meng et al. 2024, equation 6. */
const simpo = (beta: number, gamma: number, [chosen, rejected]: number[], lengths: number[]) =>
  -Math.log(sigmoid((beta / lengths[0]!) * chosen! - (beta / lengths[1]!) * rejected! - gamma));

/** Ethayarajh et al. 2024, equation 8, less its constant. */
const kto = (beta: number, weight: number, ratio: number, z: number, isDesirable: boolean) =>
  isDesirable ? weight * (1 - sigmoid(beta * (ratio - z))) : weight * (1 - sigmoid(beta * (z - ratio)));

/** A core whose rows have these log-probabilities; it keeps the factors that it is given. */
function coreOf(numbersOf: (batch: PreferenceBatch) => readonly number[]) {
  let losses = new Float64Array();
  const core = {
    factors: new Float32Array() as Float32Array,
    evaluate(batch: PreferenceBatch) {
      losses = lossesOf(batch, numbersOf(batch));
    },
    losses: () => losses,
    accumulate(batch: PreferenceBatch, { factors }: { factors: (losses: Float64Array) => Float32Array }) {
      losses = lossesOf(batch, numbersOf(batch));
      core.factors = factors(losses);
    },
  };
  return core;
}

/** The losses of tokens: each target of a row has the same share of minus its number. */
function lossesOf({ batch, length, targets }: PreferenceBatch, numbers: readonly number[]) {
  const own = (row: number) => Array.from(targets).slice(row * length, (row + 1) * length);
  return Float64Array.from({ length: batch * length }, (_, i) => {
    const row = Math.floor(i / length);
    const count = own(row).filter((target) => target >= 0).length;
    return targets[i]! < 0 ? 0 : -numbers[row]! / count;
  });
}

const logProbability = fc.double({ min: -60, max: -0.1, noNaN: true });
const answer = fc.record({
  prompt: fc.integer({ min: 1, max: 4 }),
  length: fc.integer({ min: 1, max: 5 }),
  now: logProbability,
  before: logProbability,
});
const inputs = fc.record({
  beta: fc.double({ min: 0.01, max: 3, noNaN: true }),
  gamma: fc.double({ min: 0, max: 2, noNaN: true }),
  weights: fc.tuple(fc.double({ min: 0, max: 2, noNaN: true }), fc.double({ min: 0, max: 2, noNaN: true })),
  answers: fc.array(fc.tuple(answer, answer, fc.boolean()), { minLength: 1, maxLength: 4 }),
});
type Input = typeof inputs extends fc.Arbitrary<infer T> ? T : never;

const rowOf = ({ prompt, length }: Input['answers'][number][0]): AnswerRow => ({
  ids: Array.from({ length: prompt + length }, () => 1),
  from: prompt,
});

/** Losses and slopes of an objective, whose rows are those of `rowsOf`. */
async function check(
  objective: PreferenceObjective,
  { answers }: Input,
  isSingle: boolean,
  lossOf: (now: readonly number[]) => number,
) {
  const preferences = answers.map(([first, second, isDesirable], index): Preference => {
    return { index, answers: [rowOf(first), rowOf(second)], ...(isSingle && { isDesirable }) };
  });
  const rows = preferenceRows(
    preferences.length,
    (one) => (isSingle ? [one.answers[0]] : [...one.answers]),
    0,
  );
  const batch = rows.batch(preferences) as PreferenceBatch;
  const all = answers.flatMap(([first, second]) => (isSingle ? [first.now] : [first.now, second.now]));
  const others = answers.map(([, second]) => second.now);
  const core = coreOf(({ preferences }) => (preferences === undefined ? others : all));
  const wanted = lossOf(all);
  const unit = 1e-9 * (1 + Math.abs(wanted));
  near(await objective.evaluate(core as unknown as TrainCore, batch), wanted, unit, 'loss');
  const sum = await objective.accumulate(core as unknown as TrainCore, batch, { scale: 1 });
  near(sum, wanted, unit, 'loss of a step');
  assert.is(objective.count(batch), answers.length);
  assert.is(objective.measures()!.examples, 2 * answers.length);
  for (let row = 0; row < all.length; row++) {
    const moved = (by: number) => lossOf(all.map((number, i) => (i === row ? number + by : number)));
    const slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
    for (let t = 0; t < batch.length; t++) {
      if (batch.targets[row * batch.length + t]! < 0) continue;
      near(
        -core.factors[row * batch.length + t]!,
        slope,
        1e-5 * (1 + Math.abs(slope)),
        `slope of row ${row}`,
      );
    }
  }
}

const reference = ({ answers }: Input) => answers.flatMap(([first, second]) => [first.before, second.before]);
const sumOf = ({ answers }: Input, loss: (i: number) => number) =>
  answers.reduce((sum, _, i) => sum + loss(i), 0);

test('the loss and the slopes of DPO are those of its paper', () =>
  holds(
    'DPO',
    inputs,
    async (input) => {
      const before = reference(input);
      const { beta } = input;
      const rewards = {
        tokenLoss: 'cross-entropy',
        weight: () => beta,
        reference: before,
        gamma: 0,
      } as const;
      await check(new PairObjective(rewards), input, false, (now) =>
        sumOf(input, (i) => dpo(beta, now.slice(2 * i, 2 * i + 2), before.slice(2 * i, 2 * i + 2))),
      );
    },
    60,
  ));

test('the loss and the slopes of SimPO are those of its paper', () =>
  holds(
    'SimPO',
    inputs,
    async (input) => {
      const { beta, gamma, answers } = input;
      const weight = ({ ids, from }: AnswerRow) => beta / (ids.length - from);
      await check(new PairObjective({ tokenLoss: 'cross-entropy', weight, gamma }), input, false, (now) =>
        sumOf(input, (i) => {
          const lengths = answers[i]!.slice(0, 2).map((one) => (one as { length: number }).length);
          return simpo(beta, gamma, now.slice(2 * i, 2 * i + 2), lengths);
        }),
      );
    },
    60,
  ));

test('the loss and the slopes of KTO are those of its paper; the reference point has no gradient', () =>
  holds(
    'KTO',
    inputs,
    async (input) => {
      const { beta, weights, answers } = input;
      const before = reference(input);
      const z = Math.max(0, sumOf(input, (i) => answers[i]![1].now - answers[i]![1].before) / answers.length);
      const [desirableWeight, undesirableWeight] = weights;
      const numbers = { beta, desirableWeight, undesirableWeight, reference: before, padTokenId: 0 };
      await check(new KtoObjective(numbers), input, true, (now) =>
        sumOf(input, (i) => {
          const isDesirable = answers[i]![2];
          const weight = isDesirable ? desirableWeight : undesirableWeight;
          return kto(beta, weight, now[i]! - before[2 * i]!, z, isDesirable);
        }),
      );
    },
    60,
  ));

test.run();
