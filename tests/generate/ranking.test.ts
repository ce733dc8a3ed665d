import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Ranking } from '../../src/generate/ranking.js';
import { NaiveRow, rankByProbability } from '../support/fake_core.js';
import { randomSource } from '../support/random.js';

test('ranks are those of a sort by probability and id, however far they are looked at', () => {
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
      const walked = new Ranking(row, probabilities, size);
      assert.equal(
        expected.map((_, rank) => walked.id(rank)),
        expected,
        `${size} ids, ${levels} levels`,
      );
      const jumped = new Ranking(row, probabilities, size);
      assert.is(jumped.id(size - 1), expected[size - 1]);
      assert.is(jumped.probability(0), probabilities[expected[0]!]);
    }
  }
});

test.run();
