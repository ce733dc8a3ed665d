import { BUCKETS } from '../../abi';
import { argmax, maximum } from '../../kernels/maximum';
import { logSumExp, softmax } from '../../kernels/softmax';
import { blockSums, bucketSums } from '../../kernels/sums';
import { topK } from '../../kernels/top_k';
import {
  argmax as naiveArgmax,
  logSumExp as naiveLogSumExp,
  softmax as naiveSoftmax,
  ranking,
  sum,
} from '../../reference/reduce';
import { Rows, expectClose, expectInside, randomArray, randomBelow, randomIntegers, seed } from '../support';

const SIZES: i32[] = [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 36, 101, 1023, 4099];

function expectArgmax(values: StaticArray<f32>, expected: i32, what: string): void {
  const x = Rows.vector(values);
  expect<i32>(argmax(x.pointer(), values.length)).toBe(expected, what);
  expect<f32>(maximum(x.pointer(), values.length)).toBe(values[expected], what);
}

/** Runs with separate scratch, and with the values as scratch. */
function expectLogSumExp(values: StaticArray<f32>, what: string): void {
  const n = values.length;
  const x = Rows.vector(values);
  const scratch = new Rows(1, n);
  const expected = naiveLogSumExp(values);
  // The sum's relative error is the absolute error of its logarithm.
  const actual = logSumExp(scratch.pointer(), x.pointer(), n);
  expect<f64>(Math.abs(actual - expected)).toBeLessThan(4e-7, what);
  expectInside(scratch, n, what);
  expect<f64>(logSumExp(x.pointer(), x.pointer(), n)).toBe(actual, what + ', in place');
}

/** Within a relative error of 1e-6, more for small exponents; below -87 results may be 0. */
function expectSoftmax(values: StaticArray<f32>, temperature: f32, what: string): void {
  const n = values.length;
  const x = Rows.vector(values);
  const out = new Rows(1, n);
  softmax(out.pointer(), x.pointer(), n, temperature);
  const expected = naiveSoftmax(values, <f64>temperature);
  const tolerance = new StaticArray<f64>(n);
  for (let i = 0; i < n; i++) {
    const exponent = Math.abs(Math.log(Math.max(expected[i], 1e-38)));
    tolerance[i] = (1e-6 + exponent * 2e-7) * expected[i] + 2e-38;
    if (values[i] == -Infinity) tolerance[i] = 0;
  }
  expectClose(out, expected, tolerance, what);
  expectInside(out, n, what);
}

/** Expects the first k ids of the reference's ranking. */
function expectTopK(values: StaticArray<f32>, k: i32, what: string): void {
  const x = Rows.vector(values);
  const ids = new Rows(1, k);
  topK(ids.pointer(), x.pointer(), values.length, k);
  const expected = ranking(values);
  let wrong = 0;
  for (let i = 0; i < k; i++) if (ids.bits(0, i) != <u32>expected[i]) wrong++;
  expect<i32>(wrong).toBe(0, what + ', k = ' + k.toString());
  expectInside(ids, k, what);
}

/** In f64 the order of so few additions changes sums by less than 1e-14. */
function expectBlockSums(values: StaticArray<f32>, what: string): void {
  const n = values.length;
  const blocks = (n + 63) / 64;
  const x = Rows.vector(values);
  const sums = new Rows(1, 2 * blocks);
  blockSums(sums.pointer(), x.pointer(), n);
  for (let block = 0; block < blocks; block++) {
    const expected = sum(values, 64 * block, min(64 * (block + 1), n));
    const actual = load<f64>(sums.pointer(0, 2 * block));
    expect<f64>(Math.abs(actual - expected)).toBeLessThan(1e-14, what + ', block ' + block.toString());
  }
  expectInside(sums, 2 * blocks, what);
}

/**
 * Expects the counts and sums of all buckets to be those of the values with the bucket's upper bits.
 */
function expectBucketSums(values: StaticArray<f32>, what: string): void {
  const n = values.length;
  const x = Rows.vector(values);
  const sums = new Rows(1, 2 * BUCKETS);
  const counts = new Rows(1, BUCKETS);
  bucketSums(sums.pointer(), counts.pointer(), x.pointer(), n);
  const ownSums = new StaticArray<f64>(BUCKETS);
  const ownCounts = new StaticArray<i32>(BUCKETS);
  for (let i = 0; i < n; i++) {
    const bucket = reinterpret<i32>(values[i]) >> 16;
    ownSums[bucket] += <f64>values[i];
    ownCounts[bucket]++;
  }
  let wrong = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    if (load<f64>(sums.pointer(0, 2 * bucket)) != ownSums[bucket]) wrong++;
    if (<i32>counts.bits(0, bucket) != ownCounts[bucket]) wrong++;
  }
  expect<i32>(wrong).toBe(0, what);
  expectInside(sums, 2 * BUCKETS, what);
  expectInside(counts, BUCKETS, what);
}

/** Probabilities from 0 to 1 of many magnitudes. */
function randomProbabilities(n: i32): StaticArray<f32> {
  const values = new StaticArray<f32>(n);
  for (let i = 0; i < n; i++) {
    values[i] = (<f32>randomBelow(1 << 20) / <f32>(1 << 20)) * <f32>Math.pow(2, -<f64>randomBelow(130));
    if (randomBelow(20) == 0) values[i] = <f32>randomBelow(2);
  }
  return values;
}

function withMinusInfinities(n: i32): StaticArray<f32> {
  const values = randomArray(n, 10);
  for (let i = 0; i < n; i++) if (randomBelow(3)) values[i] = -Infinity;
  values[randomBelow(n)] = 1;
  return values;
}

describe('argmax', () => {
  it('is that of the reference', () => {
    seed(1);
    for (let i = 0; i < SIZES.length; i++) {
      for (let repeat = 0; repeat < 8; repeat++) {
        const values = randomArray(SIZES[i], 100);
        expectArgmax(values, naiveArgmax(values), SIZES[i].toString() + ' values');
        const masked = withMinusInfinities(SIZES[i]);
        expectArgmax(masked, naiveArgmax(masked), SIZES[i].toString() + ' values, some -Infinity');
      }
    }
  });

  it('finds a single largest value at every index', () => {
    for (let i = 0; i < 17; i++) {
      const values = new StaticArray<f32>(17).fill(-5);
      values[i] = -4;
      expectArgmax(values, i, 'index ' + i.toString());
    }
  });

  it('is the first of equal values', () => {
    seed(2);
    for (let repeat = 0; repeat < 50; repeat++) {
      const values = randomIntegers(101, 3);
      expectArgmax(values, naiveArgmax(values), 'ties');
    }
    expectArgmax(new StaticArray<f32>(37).fill(2), 0, 'all equal');
    expectArgmax(new StaticArray<f32>(37).fill(-Infinity), 0, 'all -Infinity');
  });

  it('passes over NaN', () => {
    for (let i = 0; i < 9; i++) {
      const values: StaticArray<f32> = [1, 2, 3, 4, 3, 2, 1, 0, -1];
      values[i] = NaN;
      expectArgmax(values, i == 3 ? 2 : 3, 'NaN at ' + i.toString());
    }
  });
});

describe('logSumExp', () => {
  it('is close to the reference', () => {
    seed(3);
    for (let i = 0; i < SIZES.length; i++) {
      expectLogSumExp(randomArray(SIZES[i], 20), SIZES[i].toString() + ' values');
      expectLogSumExp(withMinusInfinities(SIZES[i]), SIZES[i].toString() + ' values, some -Infinity');
    }
    expectLogSumExp(randomArray(50257, 5), '50,257 values');
    expectLogSumExp(new StaticArray<f32>(50257).fill(3), '50,257 equal values');
  });

  it('stands values far from zero', () => {
    expectLogSumExp([1e4, -1e4, 9999, 1e4, 0], 'up to 10,000');
    expectLogSumExp([-1e4, -10001, -1e4], 'around -10,000');
  });

  it('leaves its values', () => {
    seed(4);
    const values = randomArray(37);
    const x = Rows.vector(values);
    logSumExp(new Rows(1, 37).pointer(), x.pointer(), 37);
    for (let i = 0; i < 37; i++) expect<f32>(x.get(0, i)).toBe(values[i]);
  });
});

describe('softmax', () => {
  it('is close to the reference at several temperatures', () => {
    seed(5);
    for (let i = 0; i < SIZES.length; i++) {
      for (let temperature: f32 = 0.25; temperature < 5; temperature *= 2) {
        const what = SIZES[i].toString() + ' values at ' + temperature.toString();
        expectSoftmax(randomArray(SIZES[i], 10), temperature, what);
        expectSoftmax(withMinusInfinities(SIZES[i]), temperature, what + ', some -Infinity');
      }
    }
    expectSoftmax(randomArray(50257, 5), 1, '50,257 values');
  });

  it('stands values far from zero and tiny temperatures', () => {
    expectSoftmax([1e4, -1e4, 9999, 1e4, 0], 1, 'up to 10,000');
    const close = new StaticArray<f32>(17);
    for (let i = 0; i < 17; i++) close[i] = 1e4 - <f32>i / 1024;
    expectSoftmax(close, 0.001, 'a temperature of 0.001');
    expectSoftmax([-1e4, -1e4, -1e4, -1e4, -1e4], 1, 'all equal');
  });

  it('gives -Infinity no probability at all', () => {
    for (let n = 2; n < 10; n++) {
      const values = new StaticArray<f32>(n).fill(-Infinity);
      values[n - 1] = -1e4;
      const out = Rows.vector(values);
      softmax(out.pointer(), out.pointer(), n, 1);
      for (let i = 0; i < n - 1; i++) expect<f32>(out.get(0, i)).toBe(0);
      expect<f32>(out.get(0, n - 1)).toBe(1);
    }
  });
});

describe('blockSums and bucketSums', () => {
  it('are those of the reference', () => {
    seed(8);
    for (let i = 0; i < SIZES.length; i++) {
      const what = SIZES[i].toString() + ' values';
      expectBlockSums(randomArray(SIZES[i]), what);
      expectBucketSums(randomProbabilities(SIZES[i]), what);
    }
    for (let n = 60; n < 70; n++) expectBlockSums(randomArray(n), n.toString() + ' values');
    expectBucketSums(new StaticArray<f32>(300).fill(1), 'all 1');
    expectBucketSums(new StaticArray<f32>(300).fill(0), 'all 0');
  });
});

describe('topK', () => {
  it('is the beginning of the reference ranking for every k', () => {
    seed(6);
    for (let n = 1; n <= 40; n++) {
      const values = randomArray(n);
      const ties = randomIntegers(n, 2);
      const masked = withMinusInfinities(n);
      for (let k = 1; k <= n; k++) {
        expectTopK(values, k, n.toString() + ' values');
        expectTopK(ties, k, n.toString() + ' values with ties');
        expectTopK(masked, k, n.toString() + ' values, some -Infinity');
      }
    }
  });

  it('is the beginning of the reference ranking for many values', () => {
    seed(7);
    const ks: i32[] = [1, 2, 3, 7, 40, 64, 1000, 1023];
    for (let i = 0; i < ks.length; i++) {
      expectTopK(randomArray(1023), ks[i], '1,023 values');
      expectTopK(randomIntegers(1023, 20), ks[i], '1,023 values with ties');
    }
  });

  it('stands values in order, in reverse order and all equal', () => {
    const rising = new StaticArray<f32>(101);
    const falling = new StaticArray<f32>(101);
    for (let i = 0; i < 101; i++) {
      rising[i] = <f32>i;
      falling[i] = <f32>-i;
    }
    for (let k = 1; k <= 101; k += 10) {
      expectTopK(rising, k, 'rising');
      expectTopK(falling, k, 'falling');
      expectTopK(new StaticArray<f32>(101).fill(7), k, 'all equal');
      expectTopK(new StaticArray<f32>(101).fill(-Infinity), k, 'all -Infinity');
    }
  });
});
