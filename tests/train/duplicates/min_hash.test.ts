import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bandsFor, MinHash } from '../../../src/train/duplicates/min_hash.js';
import { randomSource } from '../../support/random.js';

/** Share of pairs of random sets with `common` of `all` members in common that no band finds. */
function missed(common: number, all: number, pairs: number, seed: number): number {
  const random = randomSource(seed);
  const shape = bandsFor(0.8);
  const signatures = [new MinHash(shape), new MinHash(shape)];
  let misses = 0;
  for (let pair = 0; pair < pairs; pair++) {
    for (const signature of signatures) signature.reset();
    for (let i = 0; i < all; i++) {
      const hash = random.below(2 ** 32) | 0;
      if (i < common || i % 2 === 0) signatures[0]!.add(hash);
      if (i < common || i % 2 === 1) signatures[1]!.add(hash);
    }
    const bands = Array.from({ length: shape.bands }, (_, band) => signatures.map((s) => s.key(band)));
    if (bands.every(([a, b]) => a !== b)) misses++;
  }
  return misses / pairs;
}

test('sets share a band with the probability that their similarity gives', () => {
  for (const [common, all] of [
    [5, 10],
    [60, 100],
    [15, 20],
  ] as const) {
    const probability = (1 - (common / all) ** 5) ** 25;
    const found = missed(common, all, 3000, all);
    assert.ok(
      Math.abs(found - probability) < 5 * Math.sqrt(probability / 3000),
      `${found}, not ${probability}`,
    );
  }
  // At the threshold 1 of 20,000.
  const found = missed(16, 20, 20_000, 7);
  assert.ok(found <= 4e-4, `${found}`);
});

test.run();
