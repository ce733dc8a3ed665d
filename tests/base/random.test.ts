import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream, threefry2x32 } from '../../src/base/random.js';

test('threefry2x32 gives the known answers of Random123', () => {
  // The three vectors `threefry2x32 20` of Random123's tests/kat_vectors: counter, key, result.
  assert.equal(threefry2x32([0, 0], [0, 0]), [0x6b200159, 0x99ba4efe]);
  const ones = 0xffffffff;
  assert.equal(threefry2x32([ones, ones], [ones, ones]), [0x1cb996fc, 0xbb002be7]);
  assert.equal(threefry2x32([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3]), [0xc4923a9c, 0x483df7a0]);
});

test('the first number of seed 0 is the first 53 bits of the known answer', () => {
  const bits = (0x6b200159n << 32n) | 0x99ba4efen;
  const high27 = bits >> 37n;
  const low26 = (bits & 0xffffffffn) >> 6n;
  assert.is(new RandomStream(0, 0).next(), Number((high27 << 26n) | low26) / 2 ** 53);
});

test('numbers lie in [0, 1) and fill it evenly', () => {
  const stream = new RandomStream(42, 0);
  const buckets = new Array<number>(16).fill(0);
  const draws = 16_000;
  for (let i = 0; i < draws; i++) {
    const value = stream.next();
    assert.ok(value >= 0 && value < 1);
    buckets[Math.floor(value * 16)]!++;
  }
  const chiSquare = buckets.reduce((sum, count) => sum + (count - draws / 16) ** 2 / (draws / 16), 0);
  // 15 degrees of freedom: one seed in a thousand exceeds 37.7, and this seed is fixed.
  assert.ok(chiSquare < 37.7, `chi-square ${chiSquare}`);
});

test('a stream is reproducible; seeds, also beyond 32 bits, and indices give different ones', () => {
  const first = (seed: number, index: number) => {
    const stream = new RandomStream(seed, index);
    return [stream.next(), stream.next(), stream.next()].join();
  };
  assert.is(first(7, 3), first(7, 3));
  const all = [
    first(7, 0),
    first(7, 1),
    first(8, 0),
    first(7 + 2 ** 32, 0),
    first(2 ** 53 - 1, 0),
    first(0, 7),
  ];
  assert.is(new Set(all).size, all.length);
});

test('a stream can begin at any of its numbers', () => {
  const whole = new RandomStream(7, 3);
  const numbers = [whole.next(), whole.next(), whole.next()];
  assert.is(new RandomStream(7, 3, 2).next(), numbers[2]);
});

test.run();
