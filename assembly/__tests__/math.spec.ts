import { exp1, exp4, geluErf4, geluTanh4, ln, sigmoid4, tanh4 } from '../math';
import { erf, geluErf, geluTanh, sigmoid, tanh } from '../reference/activation';

/**
 * The largest error of `fast` on from, from + step, ..., in units of max(1, |x|) or, `relative`, of the
 * result.
 */
function worstError(
  fast: (x: v128) => v128,
  reference: (x: f64) => f64,
  from: f32,
  to: f32,
  step: f32,
  unit: (x: f64, result: f64) => f64,
): f64 {
  let worst: f64 = 0;
  for (let at = from; at <= to; at += 4 * step) {
    const x = f32x4.add(f32x4.splat(at), f32x4.mul(f32x4(0, 1, 2, 3), f32x4.splat(step)));
    const y = fast(x);
    for (let lane = 0; lane < 4; lane++) {
      const input = f32x4_lane(x, lane);
      if (input > to) continue;
      const expected = reference(<f64>input);
      const error = Math.abs(<f64>f32x4_lane(y, lane) - expected) / unit(<f64>input, expected);
      worst = isNaN(error) ? Infinity : Math.max(worst, error);
    }
  }
  return worst;
}

const lanes = memory.data(16);

function f32x4_lane(v: v128, lane: i32): f32 {
  v128.store(lanes, v);
  return load<f32>(lanes + ((<usize>lane) << 2));
}

function absolute(_x: f64, _result: f64): f64 {
  return 1;
}

function relative(_x: f64, result: f64): f64 {
  return Math.abs(result);
}

function growing(x: f64, _result: f64): f64 {
  return Math.max(1, Math.abs(x));
}

/** The dense grid where the functions bend, and a coarse one over every finite number that logits reach. */
function expectBelow(
  bound: f64,
  fast: (x: v128) => v128,
  reference: (x: f64) => f64,
  unit: (x: f64, result: f64) => f64,
): void {
  expect<f64>(worstError(fast, reference, -16, 16, 1.0 / 8192, unit)).toBeLessThan(bound, 'from -16 to 16');
  expect<f64>(worstError(fast, reference, -0.015625, 0.015625, 1.0 / 4194304, unit)).toBeLessThan(bound, 'near 0');
  expect<f64>(worstError(fast, reference, -1e4, 1e4, 0.5, unit)).toBeLessThan(bound, 'from -10,000 to 10,000');
}

function exponential(x: f64): f64 {
  return Math.exp(x);
}

describe('exp', () => {
  it('has the stated relative error from -87 to 88', () => {
    expect<f64>(worstError((x) => exp4(x), exponential, -87, 88, 1.0 / 4096, relative)).toBeLessThan(1e-7);
    expect<f64>(worstError((x) => exp4(x), exponential, -1, 1, 1.0 / 1048576, relative)).toBeLessThan(
      1e-7,
      'around 0',
    );
  });

  it('keeps the value of the nearer end outside', () => {
    const outside: StaticArray<f32> = [-87.5, -100, -1e4, -1e30, -Infinity, 88.5, 89, 1e4, 1e30, Infinity];
    for (let i = 0; i < outside.length; i++) {
      const end: f32 = outside[i] < 0 ? -87 : 88;
      expect<f32>(exp1(outside[i])).toBe(exp1(end), outside[i].toString());
    }
    expect<bool>(exp1(-87) > 0 && exp1(88) < Infinity).toBe(true);
  });

  it('is 1 at both zeros and passes NaN on', () => {
    expect<f32>(exp1(0)).toBe(1);
    expect<f32>(exp1(-0.0)).toBe(1);
    expect<bool>(isNaN(exp1(NaN))).toBe(true);
  });

  it('treats every lane alike, also by itself', () => {
    const x = f32x4(-3.25, 0.7, 11.5, -80);
    const y = exp4(x);
    for (let lane = 0; lane < 4; lane++) {
      expect<f32>(exp1(f32x4_lane(x, lane))).toBe(f32x4_lane(y, lane));
    }
  });
});

/** The largest relative error of `ln` on `count` numbers, each `factor` times the one before. */
function worstErrorOfLn(from: f64, factor: f64, count: i32): f64 {
  let worst: f64 = 0;
  let x = from;
  for (let i = 0; i < count; i++) {
    worst = max(worst, abs(ln(x) - Math.log(x)) / abs(Math.log(x)));
    x *= factor;
  }
  return worst;
}

describe('ln', () => {
  it('is within 2 ulp from 1 on', () => {
    expect<f64>(worstErrorOfLn(1.0000001, 1.00001, 2000000)).toBeLessThan(4.5e-16);
    expect<f64>(worstErrorOfLn(1e9, 7.77, 330)).toBeLessThan(4.5e-16, 'large numbers');
  });

  it('has its values below 1 as well', () => {
    expect<f64>(worstErrorOfLn(0.9, 0.9, 6700)).toBeLessThan(4.5e-16);
  });

  it('is 0 at 1, -Infinity at 0, and NaN for negative numbers and NaN', () => {
    expect<f64>(ln(1)).toBe(0);
    expect<f64>(ln(0)).toBe(-Infinity);
    expect<bool>(isNaN(ln(NaN)) && isNaN(ln(-1))).toBe(true);
  });
});

describe('sigmoid, tanh and GELU', () => {
  it('have references that agree with known values', () => {
    // From the C library's erf and tanh.
    expect<f64>(Math.abs(erf(0.5) - 0.5204998778130465)).toBeLessThan(1e-15);
    expect<f64>(Math.abs(erf(2) - 0.9953222650189527)).toBeLessThan(1e-15);
    expect<f64>(Math.abs(erf(-3.5) + 0.9999992569016276)).toBeLessThan(1e-15);
    expect<f64>(Math.abs(geluErf(1) - 0.8413447460685429)).toBeLessThan(1e-15);
    expect<f64>(Math.abs(geluTanh(1) - 0.8411919906082768)).toBeLessThan(1e-15);
  });

  it('sigmoid has the stated absolute error', () => {
    expectBelow(1e-7, (x) => sigmoid4(x), sigmoid, absolute);
  });

  it('tanh has the stated absolute error', () => {
    expectBelow(2e-7, (x) => tanh4(x), tanh, absolute);
  });

  it('the tanh form of GELU has the stated error', () => {
    expectBelow(2e-7, (x) => geluTanh4(x), geluTanh, growing);
  });

  it('the exact form of GELU has the stated error', () => {
    expectBelow(2e-7, (x) => geluErf4(x), geluErf, growing);
  });
});
