import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Candidate, TopCandidates } from '../../../src/generate/search/top_candidates.js';
import { randomSource } from '../../support/random.js';

test('the highest totals are kept, equal ones by beam and token, and no banned ones', () => {
  const random = randomSource(8);
  for (let round = 0; round < 500; round++) {
    const most = 1 + random.below(40);
    const top = new TopCandidates(most);
    const all: Candidate[] = [];
    for (let beam = 0; beam < 3; beam++) {
      const total = -random.below(3);
      const logProbs = Float32Array.from({ length: 10 }, () =>
        random.uniform() < 0.2 ? Number.NEGATIVE_INFINITY : -random.below(4),
      );
      top.offer(beam, total, logProbs);
      for (const [token, logProb] of logProbs.entries()) all.push({ beam, token, total: total + logProb });
    }
    const expected = all
      .filter(({ total }) => total > Number.NEGATIVE_INFINITY)
      .sort((a, b) => b.total - a.total || a.beam - b.beam || a.token - b.token);
    assert.equal(top.take(), expected.slice(0, most));
    assert.equal(top.take(), []);
  }
});

test.run();
