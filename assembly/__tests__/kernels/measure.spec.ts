import { measure } from '../../kernels/measure';
import { logSumExp } from '../../kernels/softmax';
import { entropy, rank, logSumExp as referenceLogSumExp, variance } from '../../reference/reduce';
import { Rows, expectInside, randomArray, randomBelow, randomIntegers, seed } from '../support';

const SIZES: i32[] = [1, 2, 3, 4, 5, 7, 8, 9, 15, 17, 101, 1023, 1024, 1029, 4099, 50257];

/** Relative error of an entropy, and its absolute error below 1 nat: some hundred roundings of f32. */
const TOLERANCE: f64 = 2e-6;

/** Measures a token and expects the reference's results, and the logprob of `logSumExp` to the bit. */
function expectMeasure(values: StaticArray<f32>, id: i32, what: string): void {
  const n = values.length;
  what += ', token ' + id.toString() + ' of ' + n.toString();
  const x = Rows.vector(values);
  const out = new Rows(1, 8);
  const scratch = new Rows(1, n);
  measure(out.pointer(), scratch.pointer(), x.pointer(), n, id);
  const logit = <f64>values[id];
  const logprob = load<f64>(out.pointer());
  expect<f64>(logprob).toBe(logit - logSumExp(scratch.pointer(), x.pointer(), n), what + ': logSumExp');
  const isCertain = logit == -Infinity;
  const distance = isCertain ? 0 : Math.abs(logprob - (logit - referenceLogSumExp(values)));
  expect<f64>(distance).toBeLessThan(4e-7, what + ': logprob');
  expect<f64>(load<f64>(out.pointer(), 8)).toBe(<f64>rank(values, id), what + ': rank');
  const wanted = entropy(values);
  const error = Math.abs(load<f64>(out.pointer(), 16) - wanted);
  expect<f64>(error).toBeLessThanOrEqual(TOLERANCE * Math.max(1, wanted), what + ': entropy');
  const spread = variance(values);
  const distance2 = Math.abs(load<f64>(out.pointer(), 24) - spread);
  expect<f64>(distance2).toBeLessThanOrEqual(TOLERANCE * Math.max(1, wanted * wanted + spread), what + ': variance');
  expectInside(out, 8, what);
  expectInside(scratch, n, what);
  let changed = 0;
  for (let i = 0; i < n; i++) if (x.get(0, i) != values[i]) changed++;
  expect<i32>(changed).toBe(0, what + ': logits that changed');
}

/** Tokens at both ends, around the edge of a vector, and some between. */
function expectMeasures(values: StaticArray<f32>, what: string): void {
  const n = values.length;
  for (let id = 0; id < min(n, 9); id++) expectMeasure(values, id, what);
  for (let id = max(0, n - 5); id < n; id++) expectMeasure(values, id, what);
  for (let repeat = 0; repeat < 3; repeat++) expectMeasure(values, randomBelow(n), what);
}

function shifted(values: StaticArray<f32>, by: f32): StaticArray<f32> {
  const out = new StaticArray<f32>(values.length);
  for (let i = 0; i < values.length; i++) out[i] = values[i] + by;
  return out;
}

function withMinusInfinities(values: StaticArray<f32>): StaticArray<f32> {
  for (let i = 0; i < values.length; i++) if (randomBelow(3)) values[i] = -Infinity;
  values[randomBelow(values.length)] = 1;
  return values;
}

describe('measure', () => {
  it('is that of the reference, for certain and for uncertain distributions', () => {
    seed(1);
    for (let i = 0; i < SIZES.length; i++) {
      expectMeasures(randomArray(SIZES[i], 0.01), 'nearly equal');
      expectMeasures(randomArray(SIZES[i], 5), 'up to 5');
      expectMeasures(randomArray(SIZES[i], 300), 'up to 300');
    }
  });

  it('ranks equal logits by lower id', () => {
    seed(2);
    for (let n = 1; n < 40; n++) {
      const values = randomIntegers(n, 2);
      for (let id = 0; id < n; id++) expectMeasure(values, id, 'ties');
    }
    expectMeasures(new StaticArray<f32>(1027).fill(3), 'all equal');
  });

  it('counts -Infinity as impossible', () => {
    seed(3);
    for (let i = 1; i < SIZES.length; i++) {
      expectMeasures(withMinusInfinities(randomArray(SIZES[i], 10)), 'some -Infinity');
    }
    for (let at = 0; at < 11; at++) {
      const values = new StaticArray<f32>(11).fill(-Infinity);
      values[at] = -1e4;
      for (let id = 0; id < 11; id++) expectMeasure(values, id, 'one that is possible');
    }
  });

  it('stands logits far from zero, and far apart', () => {
    seed(4);
    expectMeasures(shifted(randomArray(1023, 4), 30000), 'around 30,000');
    expectMeasures(shifted(randomArray(1023, 4), -30000), 'around -30,000');
    expectMeasures(randomArray(1023, 1e30), 'up to 1e30');
    expectMeasures(randomArray(1023, 1e-30), 'up to 1e-30');
    expectMeasures([3e38, -3e38, 0, 1, 2], 'the largest f32');
  });
});
