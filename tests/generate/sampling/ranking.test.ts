import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Ranking } from '../../../src/generate/sampling/ranking.js';
import type { PrefixLimits } from '../../../src/generate/sampling/ranking_prefix.js';
import { NaiveRow, rankByProbability } from '../../support/fake_core.js';
import { randomSource } from '../../support/random.js';

test('ranks are those of a sort by probability and id, in whatever order they are asked for', () => {
  const random = randomSource(40);
  for (const size of [1, 2, 63, 64, 65, 511, 512, 513, 3000]) {
    for (const levels of [3, 1e7]) {
      const logits = Array.from({ length: size }, () =>
        random.uniform() < 0.1 ? Number.NEGATIVE_INFINITY : (30 * random.below(levels)) / levels,
      );
      logits[random.below(size)] = 30;
      const row = new NaiveRow(logits);
      const probabilities = row.softmax(1);
      const expected = rankByProbability(probabilities);
      const inOrder = new Ranking(row, probabilities, size);
      assert.equal(
        expected.map((_, rank) => inOrder.id(rank)),
        expected,
        `${size} ids, ${levels} levels`,
      );
      const jumped = new Ranking(row, probabilities, size);
      assert.is(jumped.id(size - 1), expected[size - 1]);
      assert.is(jumped.probability(0), probabilities[expected[0]!]);
    }
  }
});

/** A prefix of a full ranking, by its definition. */
function naivePrefix(sorted: readonly number[], { count, mass, least }: PrefixLimits) {
  let end = 0;
  let total = 0;
  while (end < count && sorted[end]! > 0 && sorted[end]! >= least && (end === 0 || total < mass)) {
    total += sorted[end++]!;
  }
  return { end, total };
}

test('prefixes and draws are those of a full ranking', () => {
  const random = randomSource(41);
  for (let round = 0; round < 120; round++) {
    const size = random.pick([1, 3, 64, 65, 512, 700, 3000]);
    const levels = random.pick([1, 3, 1e7]);
    const spread = random.pick([0.1, 3, 200]);
    const logits = Array.from({ length: size }, () =>
      random.uniform() < 0.1 ? Number.NEGATIVE_INFINITY : (spread * random.below(levels)) / levels,
    );
    logits[random.below(size)] = spread;
    const row = new NaiveRow(logits);
    const probabilities = row.softmax(1);
    const ids = rankByProbability(probabilities);
    const sorted = ids.map((id) => probabilities[id]!);
    const ranking = new Ranking(row, probabilities, size);
    for (let i = 0; i < 12; i++) {
      const limits = {
        count: random.pick([size, 1 + random.below(size)]),
        mass: random.pick([Number.POSITIVE_INFINITY, random.uniform(), 0]),
        least: random.pick([0, random.uniform() * sorted[0]!, sorted[random.below(size)]!]),
      };
      const { end, total } = ranking.prefix(limits);
      const expected = naivePrefix(sorted, limits);
      assert.is(end, expected.end, `${size} ids, ${levels} levels, ${JSON.stringify(limits)}`);
      assert.ok(Math.abs(total - expected.total) < 1e-12);
      const mass = random.uniform() * total;
      let rank = 0;
      for (let left = mass - sorted[0]!; left >= 0 && rank + 1 < end; ) left -= sorted[++rank]!;
      assert.is(ranking.idAtMass(mass, end), ids[rank]);
    }
    assert.is(ranking.idAtMass(2, size), undefined);
  }
});

test.run();
