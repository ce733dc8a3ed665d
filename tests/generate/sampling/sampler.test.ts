import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../src/base/errors.js';
import { RandomStream } from '../../../src/base/random.js';
import { type SamplingOptions, sample } from '../../../src/generate/sampling/sampler.js';
import { NaiveRow, rankByProbability } from '../../support/fake_core.js';
import { randomSource } from '../../support/random.js';

const OFF: SamplingOptions = { temperature: 1, topK: 0, topP: 1, minP: 0 };

/** A stream that always gives the same number. */
function always(value: number): RandomStream {
  return { next: () => value } as unknown as RandomStream;
}

/**
 * The distribution to draw from, by full sorts and the definitions: probabilities [V], 0 if truncated.
 * Probabilities start from f32 as the core's softmax gives them.
 */
function expectedDistribution(logits: readonly number[], options: Partial<SamplingOptions>): number[] {
  const { temperature, topK, topP, minP } = { ...OFF, ...options };
  const row = new NaiveRow(logits);
  const softmax = row.softmax(temperature);
  const order = rankByProbability(softmax);
  let kept = order.filter((id) => softmax[id]! > 0);
  const sum = (ids: readonly number[]) => ids.reduce((total, id) => total + softmax[id]!, 0);

  if (topK > 0) kept = kept.slice(0, topK);
  if (topP < 1) {
    let size = 1;
    while (size < kept.length && sum(kept.slice(0, size)) / sum(kept) < topP) size++;
    kept = kept.slice(0, size);
  }
  if (minP > 0) kept = kept.filter((id) => softmax[id]! >= minP * softmax[kept[0]!]!);
  const total = sum(kept);
  return Array.from(softmax, (probability, id) => (kept.includes(id) ? probability / total : 0));
}

/** The share of [0, 1) for which each token is drawn: its probability, within 1 / steps. */
function drawnShares(logits: readonly number[], options: Partial<SamplingOptions>, steps: number): number[] {
  const shares = new Array<number>(logits.length).fill(0);
  for (let step = 0; step < steps; step++) {
    const id = sample(new NaiveRow(logits), { ...OFF, ...options }, always((step + 0.5) / steps));
    shares[id]! += 1 / steps;
  }
  return shares;
}

/** A row of a random kind: flat or peaked, with many equal logits or few, with banned tokens or without. */
function randomLogits(random: ReturnType<typeof randomSource>, size: number): number[] {
  const spread = random.pick([0.5, 3, 12]);
  const levels = random.pick([4, 1e6]);
  const banned = random.pick([0, 0.3]);
  const logits = Array.from({ length: size }, () =>
    random.uniform() < banned
      ? Number.NEGATIVE_INFINITY
      : (spread * Math.floor(levels * random.uniform())) / levels,
  );
  if (logits.every((logit) => logit === Number.NEGATIVE_INFINITY)) logits[0] = 0;
  return logits;
}

function checkTruncation(
  name: string,
  seed: number,
  options: (random: ReturnType<typeof randomSource>) => Partial<SamplingOptions>,
) {
  test(`${name} draws what a sort-based implementation draws`, () => {
    const random = randomSource(seed);
    const steps = 200;
    for (let round = 0; round < 60; round++) {
      const logits = randomLogits(random, 2 + random.below(20));
      const chosen = options(random);
      const expected = expectedDistribution(logits, chosen);
      const shares = drawnShares(logits, chosen, steps);
      shares.forEach((share, id) => {
        const message = `${JSON.stringify(chosen)} on ${logits}: token ${id} has ${share}, not ${expected[id]}`;
        if (expected[id] === 0) assert.is(share, 0, message);
        else assert.ok(Math.abs(share - expected[id]!) < 1.01 / steps, message);
      });
    }
  });
}

const share = (random: ReturnType<typeof randomSource>) => random.pick([0.1, 0.5, 0.83, 0.97]);
const temperature = (random: ReturnType<typeof randomSource>) => random.pick([0.3, 1, 1.7]);
checkTruncation('no truncation', 10, (random) => ({ temperature: temperature(random) }));
checkTruncation('top-k', 11, (random) => ({ temperature: temperature(random), topK: 1 + random.below(24) }));
checkTruncation('top-p', 12, (random) => ({ temperature: temperature(random), topP: share(random) }));
checkTruncation('min-p', 13, (random) => ({ temperature: temperature(random), minP: share(random) }));
checkTruncation('all together', 15, (random) => ({
  temperature: temperature(random),
  topK: random.pick([0, 5, 15]),
  topP: random.pick([1, 0.6, 0.95]),
  minP: random.pick([0, 0.05]),
}));

test('draws from a large vocabulary follow the probabilities', () => {
  const random = randomSource(20);
  const logits = Array.from({ length: 300 }, () => 6 * random.uniform() - 3);
  for (const options of [{}, { topP: 0.9 }, { topK: 100, temperature: 0.7 }, { minP: 0.1 }]) {
    const expected = expectedDistribution(logits, options);
    const stream = new RandomStream(99, 0);
    const draws = 2500;
    const counts = new Array<number>(logits.length).fill(0);
    const row = new NaiveRow(logits);
    for (let draw = 0; draw < draws; draw++) {
      row.values.set(logits);
      counts[sample(row, { ...OFF, ...options }, stream)]!++;
    }
    // Neighbouring ids are pooled until a cell expects 5 draws, as the chi-square test wants it.
    let [cells, statistic, seen, due] = [0, 0, 0, 0];
    counts.forEach((count, id) => {
      if (expected[id] === 0) assert.is(count, 0);
      seen += count;
      due += draws * expected[id]!;
      if (due < 5) return;
      statistic += (seen - due) ** 2 / due;
      cells++;
      [seen, due] = [0, 0];
    });
    const freedom = cells - 1;
    const limit = freedom + 4 * Math.sqrt(2 * freedom) + 6;
    assert.ok(
      cells > 15 && statistic < limit,
      `${JSON.stringify(options)}: chi-square ${statistic} of ${cells} cells`,
    );
  }
});

test('the core is asked for few candidates where few suffice, and for more until they do', () => {
  const peaked = Array.from({ length: 5000 }, (_, id) => (id < 10 ? 10 : -10));
  const asked = (logits: number[], options: Partial<SamplingOptions>) => {
    const row = new NaiveRow(logits);
    sample(row, { ...OFF, ...options }, always(0.999));
    return row.mostAsked;
  };
  assert.is(asked(peaked, { topP: 0.9 }), 64);
  assert.is(asked(peaked, { minP: 0.1 }), 64);
  assert.is(asked(peaked, { topK: 40 }), 40);
  assert.is(asked(peaked, { topK: 40, topP: 0.5 }), 40);
  assert.is(asked(peaked, {}), 0);
  assert.is(asked(peaked, { temperature: 0, topK: 40, topP: 0.5 }), 0);
  // In f32 their probabilities sum to less than topP, and no further token has any.
  const few = Array.from({ length: 5000 }, (_, id) => (id < 25 ? 0 : -200));
  assert.ok(25 * Math.fround(1 / 25) < 1 - 1e-9);
  assert.is(asked(few, { topP: 1 - 1e-9 }), 64);
  const flat = new Array<number>(5000).fill(0);
  assert.is(asked(flat, { topP: 0.05 }), 512);
  assert.is(asked(flat, { topP: 0.5 }), 512);
  assert.is(asked(flat, { topK: 3000 }), 512);
});

test('temperature 0 takes the largest logit, of equal ones the lowest id', () => {
  assert.is(sample(new NaiveRow([1, 3, 2, 3]), { ...OFF, temperature: 0 }, always(0.9)), 1);
});

test('a tiny temperature takes a largest logit, whatever else is on', () => {
  for (const tiny of [1e-9, 1e-30, 1e-300, Number.MIN_VALUE]) {
    for (const options of [{}, { topK: 3 }, { topP: 0.9 }, { minP: 0.1 }]) {
      const logits = [-80, 90.5, Number.NEGATIVE_INFINITY, 90.25, -1];
      assert.is(sample(new NaiveRow(logits), { ...OFF, ...options, temperature: tiny }, always(0.99)), 1);
    }
    const tie = [5, 7, 7];
    assert.is(sample(new NaiveRow(tie), { ...OFF, temperature: tiny }, always(0.2)), 1);
    assert.is(sample(new NaiveRow(tie), { ...OFF, temperature: tiny }, always(0.8)), 2);
  }
});

test('the ends of [0, 1) draw tokens that have a probability', () => {
  const never = Number.NEGATIVE_INFINITY;
  const logits = [never, 1, never, 2, never];
  const largest = 1 - 2 ** -53;
  for (const options of [{}, { topK: 5 }, { topP: 0.9999 }, { minP: 1e-9 }]) {
    const drawn = [0, largest].map((value) =>
      sample(new NaiveRow(logits), { ...OFF, ...options }, always(value)),
    );
    assert.equal(drawn.sort(), [1, 3], JSON.stringify(options));
  }
  assert.is(sample(new NaiveRow([4, 5, 6]), { ...OFF, topP: 0 }, always(largest)), 2);
});

function thrown(call: () => unknown): Gpt2Error {
  try {
    call();
  } catch (error) {
    assert.instance(error, Gpt2Error);
    return error as Gpt2Error;
  }
  throw new Error('nothing was thrown');
}

test('a row without any possible token, or without numbers, is refused', () => {
  for (const value of [0, 0.7]) {
    const options = { ...OFF, temperature: value };
    const banned = thrown(() => sample(new NaiveRow([-Infinity, -Infinity]), options, always(0.5)));
    assert.is(banned.code, 'invalid-option');
    assert.match(banned.message, 'bannedTokens');
    assert.is(thrown(() => sample(new NaiveRow([NaN, 1]), options, always(0.5))).code, 'invalid-file');
    assert.is(thrown(() => sample(new NaiveRow([1, Infinity]), options, always(0.5))).code, 'invalid-file');
  }
  // NaN after a number, and in rows whose other logits are all banned.
  for (const row of [
    [1, NaN],
    [-Infinity, NaN, NaN],
    [NaN, -Infinity],
    [1, -Infinity, NaN],
  ]) {
    for (const options of [{ temperature: 0 }, {}, { topP: 0.5 }, { topK: 1 }, { minP: 0.1 }]) {
      const hidden = thrown(() => sample(new NaiveRow(row), { ...OFF, ...options }, always(0.5)));
      assert.is(hidden.code, 'invalid-file');
      assert.match(hidden.message, 'NaN');
    }
  }
});

test.run();
