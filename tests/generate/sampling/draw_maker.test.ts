import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../../src/base/random.js';
import type { GenerateOptions, SamplerName } from '../../../src/generate/options.js';
import { drawMaker, randomNumbersPerToken } from '../../../src/generate/sampling/draw_maker.js';
import { type Draw, sample } from '../../../src/generate/sampling/sampler.js';
import { SAMPLER_ORDER } from '../../../src/generate/sampling/sampler_order.js';
import { TopH } from '../../../src/generate/sampling/samplers/top_h.js';
import { FAKE_CONFIG, NaiveRow } from '../../support/fake_core.js';
import { literalSamplers, literalXtc } from '../../support/literal_samplers.js';
import { holds } from '../../support/property.js';
import { resolveAll } from '../../support/resolve_all.js';
import { thrown } from '../../support/thrown.js';

/** Common samplers are off. */
const OFF: GenerateOptions = { temperature: 1, topP: 1 };

/** A stream that gives these numbers in turn. */
function always(...values: readonly number[]): RandomStream {
  let at = 0;
  return { next: () => values[at++ % values.length]! } as unknown as RandomStream;
}

function drawOf(options: GenerateOptions, random: RandomStream): Draw {
  const resolved = resolveAll({ ...OFF, ...options }, FAKE_CONFIG);
  return drawMaker(resolved)?.(random) ?? ((row) => sample(row, resolved, random));
}

/** The share of [0, 1) for which each token is drawn: its probability, within 1 / steps. */
function drawnShares(logits: readonly number[], options: GenerateOptions, steps: number): number[] {
  const shares = new Array<number>(logits.length).fill(0);
  for (let step = 0; step < steps; step++) {
    shares[drawOf(options, always((step + 0.5) / steps))(new NaiveRow(logits))]! += 1 / steps;
  }
  return shares;
}

/**
 * Logits of a random kind: flat or peaked, with many equal ones or few, with banned tokens or without. Different
 * ones differ by 0.0025 or more: of two that differ by 1e-6, rounding decides which is nearer to the entropy.
 */
const someLogits = fc
  .record({
    units: fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 2, maxLength: 20 }),
    spread: fc.constantFrom(0.5, 3, 12),
    levels: fc.constantFrom(4, 200),
    banned: fc.constantFrom(0, 3),
  })
  .map(({ units, spread, levels, banned }) =>
    units.map((unit, id) =>
      banned > 0 && id > 0 && id % banned === 0
        ? Number.NEGATIVE_INFINITY
        : (spread * Math.floor((levels * unit) / 1e6)) / levels,
    ),
  );

const share = fc.constantFrom(0.1, 0.5, 0.83, 0.97);
/** Shares at which no number of equal terms ends, since the reference rounds otherwise. */
const unevenShare = fc.constantFrom(0.1017, 0.4837, 0.8311, 0.9713);
/** Each rare sampler, and common ones, on or off. */
const allOptions: fc.Arbitrary<GenerateOptions> = fc.record({
  temperature: fc.constantFrom(0.3, 1, 1.7),
  topK: fc.integer({ min: 1, max: 24 }),
  topP: share,
  minP: fc.constantFrom(0.02, 0.3),
  typicalP: share,
  topH: unevenShare,
  topNSigma: fc.constantFrom(0.51, 1.01, 2.03),
  epsilonCutoff: fc.constantFrom(0.003, 0.05, 0.4),
  etaCutoff: fc.constantFrom(0.003, 0.05, 0.4),
  dynamicTemperatureRange: fc.constantFrom(0.2, 0.7, 3),
});
const someOptions: fc.Arbitrary<GenerateOptions> = allOptions.chain((all) => {
  const entries = Object.entries(all);
  const few = fc.subarray(entries, { minLength: 1, maxLength: 2 });
  return fc.oneof(few, fc.subarray(entries)).map((chosen) => Object.fromEntries(chosen));
});

/** Checks that tokens are drawn as often as those probabilities say, and none that has none. */
function assertShares(logits: readonly number[], options: GenerateOptions, left: readonly number[]): void {
  const steps = 50;
  const probabilities = new NaiveRow(left).softmax(1);
  assert.ok(left.some((logit) => logit > Number.NEGATIVE_INFINITY));
  for (const [id, found] of drawnShares(logits, options, steps).entries()) {
    const about = `token ${id} has ${found}, not ${probabilities[id]}`;
    if (probabilities[id] === 0) assert.is(found, 0, about);
    else assert.ok(Math.abs(found - probabilities[id]!) < 1.01 / steps, about);
  }
}

const TITLE = 'samplers leave what their definitions leave, whatever else is on and in any order';
test(TITLE, async () => {
  const order = fc.shuffledSubarray([...SAMPLER_ORDER], { minLength: SAMPLER_ORDER.length });
  const inputs = fc.tuple(someLogits, someOptions, fc.option(order, { nil: undefined }));
  const check = async ([logits, options, samplers]: [
    number[],
    GenerateOptions,
    SamplerName[] | undefined,
  ]) => {
    const resolved = resolveAll({ ...OFF, ...options }, FAKE_CONFIG);
    const left = literalSamplers(logits, samplers ?? SAMPLER_ORDER, resolved);
    assertShares(logits, { ...options, samplers }, left);
  };
  await holds(TITLE, inputs, check, 200);
});

test('a sampler that samplers do not list is not applied, not even a default', async () => {
  const logits = [3, 2, 1, 0, -5];
  const alone: GenerateOptions = { topK: 4, samplers: ['topK'] };
  const drawn = (options: GenerateOptions) =>
    new Set(
      Array.from({ length: 200 }, (_, i) =>
        drawMaker(resolveAll(options, FAKE_CONFIG))!(always(i / 200))(new NaiveRow(logits)),
      ),
    );
  assert.equal([...drawn(alone)].sort(), [0, 1, 2, 3]);
  assertShares(logits, alone, [3, 2, 1, 0, Number.NEGATIVE_INFINITY]);
  const none: readonly SamplerName[] = [];
  assertShares(logits, { samplers: none }, logits);
});

test('top-H looks at 100 tokens, whose probabilities it renormalises', () => {
  const logits = Array.from({ length: 200 }, (_, id) => (id === 0 ? Math.log(0.3) : Math.log(0.7 / 199)));
  const row = new NaiveRow(logits);
  new TopH(0.3).apply(row);
  const left = literalSamplers(logits, ['topH'], resolveAll({ topH: 0.3 }, FAKE_CONFIG));
  assert.equal([...row.values], left);
  assert.is(left.filter((logit) => logit > Number.NEGATIVE_INFINITY).length, 21);
});

test('XTC takes a random number for its turn, and another one draws', async () => {
  const inputs = fc.tuple(someLogits, fc.constantFrom(0, 0.05, 0.1, 0.3, 0.6));
  const check = async ([logits, threshold]: [number[], number]) => {
    const options = { xtcProbability: 0.5, xtcThreshold: threshold };
    for (const [turn, left] of [
      [0.49, literalXtc(logits, threshold)],
      [0.5, logits],
    ] as const) {
      for (const unit of [0, 0.3, 0.7, 0.999999]) {
        const id = drawOf(options, always(turn, unit))(new NaiveRow(logits));
        const plain = { temperature: 1, topK: 0, topP: 1, minP: 0 };
        assert.is(id, sample(new NaiveRow(left), plain, always(unit)), `of ${left} at ${unit}`);
      }
    }
  };
  await holds('XTC', inputs, check, 300);
  assert.is(randomNumbersPerToken(resolveAll({ xtcProbability: 0.1 }, FAKE_CONFIG)), 2);
  assert.is(randomNumbersPerToken(resolveAll({ typicalP: 0.1 }, FAKE_CONFIG)), 1);
});

/** Zipf's law: the surprise of a token is between 2 and 11 bits. */
const zipf = Array.from({ length: 300 }, (_, id) => -1.1 * Math.log(id + 1));

for (const mirostat of [1, 2] as const) {
  test(`mirostat ${mirostat} keeps the average surprise near its target`, () => {
    const probabilities = new NaiveRow(zipf).softmax(1);
    const row = new NaiveRow(zipf);
    for (const tau of [3, 4]) {
      const draw = drawOf({ mirostat, mirostatTau: tau }, new RandomStream(5, 0));
      let surprise = 0;
      const [unsettled, count] = [100, 400];
      for (let token = 0; token < unsettled + count; token++) {
        row.values.set(zipf);
        const id = draw(row);
        const left = row.softmax(1)[id]!;
        assert.ok(left > 0 && left >= probabilities[id]! * 0.999);
        if (token >= unsettled) surprise -= Math.log2(left);
      }
      const average = surprise / count;
      assert.ok(Math.abs(average - tau) < 0.25, `${average} bits instead of ${tau}`);
    }
  });
}

test('mirostat follows the published rules, step by step', () => {
  const units = Array.from({ length: 40 }, (_, i) => ((i * 37) % 100) / 100);
  for (const mirostat of [1, 2] as const) {
    const [tau, eta] = [3, 0.4];
    const draw = drawOf({ mirostat, mirostatTau: tau, mirostatEta: eta, temperature: 0.7 }, always(...units));
    let mu = 2 * tau;
    for (const [step, unit] of units.entries()) {
      const logits = Array.from({ length: 60 }, (_, id) => ((id * 7919 + step * 104729) % 997) / 120);
      const p = new NaiveRow(logits.map((logit) => logit / 0.7)).softmax(1);
      const order = [...p.keys()].sort((a, b) => p[b]! - p[a]! || a - b);
      let stays: number[];
      if (mirostat === 1) {
        let [products, squares] = [0, 0];
        for (let i = 0; i < Math.min(99, order.length - 1); i++) {
          const t = Math.log((i + 2) / (i + 1));
          products += t * Math.log(p[order[i]!]! / p[order[i + 1]!]!);
          squares += t * t;
        }
        const s = products / squares;
        const k = (((s - 1) * 2 ** mu) / (1 - p.length ** (1 - s))) ** (1 / s);
        stays = order.slice(0, Math.max(1, Math.floor(k)));
      } else {
        stays = order.filter((id, rank) => rank === 0 || -Math.log2(p[id]!) <= mu);
      }
      const total = stays.reduce((sum, id) => sum + p[id]!, 0);
      const ids = stays.slice().sort((a, b) => a - b);
      const upTo = (id: number) =>
        ids.filter((other) => other <= id).reduce((sum, other) => sum + p[other]!, 0);
      const expected = ids.find((id) => upTo(id) > unit * total) ?? order[0]!;
      const row = new NaiveRow(logits);
      assert.is(draw(row), expected, `mirostat ${mirostat}, step ${step}`);
      const kept = [...row.values.keys()].filter((id) => row.values[id]! > Number.NEGATIVE_INFINITY);
      assert.equal(kept, ids, `mirostat ${mirostat}, step ${step}`);
      mu -= eta * (-Math.log2(p[expected]! / total) - tau);
    }
  }
});

test('a tiny temperature takes a largest logit, whatever else is on', () => {
  for (const temperature of [1e-9, 1e-30, 1e-300, Number.MIN_VALUE]) {
    for (const options of [
      { typicalP: 0.9 },
      { topH: 0.5 },
      { mirostat: 1 as const },
      { mirostat: 2 as const },
    ]) {
      const logits = [-80, 90.5, Number.NEGATIVE_INFINITY, 90.25, -1];
      assert.is(drawOf({ ...options, temperature }, always(0.99))(new NaiveRow(logits)), 1);
    }
  }
});

test('one possible token is drawn by every sampler', () => {
  const never = Number.NEGATIVE_INFINITY;
  for (const options of [
    ...[{ typicalP: 0.1 }, { topH: 0.01 }, { topNSigma: 0.1 }, { epsilonCutoff: 1 }, { etaCutoff: 1 }],
    ...[{ xtcProbability: 1, xtcThreshold: 0 }, { dynamicTemperatureRange: 1 }],
    ...[{ mirostat: 1 as const }, { mirostat: 2 as const }],
  ]) {
    for (const unit of [0, 1 - 2 ** -53]) {
      assert.is(drawOf(options, always(unit))(new NaiveRow([never, 3, never])), 1, JSON.stringify(options));
    }
  }
});

test('a row without any possible token, or without numbers, is refused before any sampler', async () => {
  class Untouched extends NaiveRow {
    override softmax(): never {
      throw new Error('a sampler was applied');
    }
  }
  const draw = drawOf({ typicalP: 0.5, topK: 1 }, always(0.5));
  await thrown(() => draw(new Untouched([-Infinity, -Infinity])), 'invalid-option', 'no token is left');
  for (const row of [
    [1, NaN],
    [NaN, 1],
    [1, Infinity],
    [-Infinity, NaN],
  ]) {
    await thrown(() => draw(new Untouched(row)), 'invalid-file', 'the model computed');
  }
});

test.run();
