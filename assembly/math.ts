import { madd } from './simd';

/*
 * Constants are loaded where they are used: some engines rebuild a vector constant at every use
 * inside a loop, which costs more than the arithmetic.
 */

const EXP = memory.data<f32>(
  [
    1.44269504, // 0: 1 / ln 2
    -0.693359375, // 4: -ln 2, high part
    2.1219444e-4, // 8: -ln 2, low part
    1.98756915e-4, // 12: polynomial, highest power first
    1.3981999507e-3,
    8.3334519073e-3,
    4.1665795894e-2,
    1.6666665459e-1,
    5.0000001201e-1,
    1, // 36
    -87, // 40: below, the result would be less than 2e-38
    88, // 44: above, it would pass the largest f32
    12582912, // 48: 1.5 * 2^23; added to a small number, it leaves its nearest integer in the lowest bits
  ],
  16,
);

/**
 * e^x for four lanes, relative error below 1e-7 between -87 and 88 and the value at the nearer
 * end outside. Cody and Waite's reduction with the polynomial of Moshier's Cephes `expf`.
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, v128.load32_splat(EXP, 44)), v128.load32_splat(EXP, 40));
  const rounder = v128.load32_splat(EXP, 48);
  const rounded = madd(x, v128.load32_splat(EXP, 0), rounder);
  const n = f32x4.sub(rounded, rounder);
  let r = madd(n, v128.load32_splat(EXP, 4), x);
  r = madd(n, v128.load32_splat(EXP, 8), r);
  let p = v128.load32_splat(EXP, 12);
  p = madd(p, r, v128.load32_splat(EXP, 16));
  p = madd(p, r, v128.load32_splat(EXP, 20));
  p = madd(p, r, v128.load32_splat(EXP, 24));
  p = madd(p, r, v128.load32_splat(EXP, 28));
  p = madd(p, r, v128.load32_splat(EXP, 32));
  const one = v128.load32_splat(EXP, 36);
  p = f32x4.add(madd(p, f32x4.mul(r, r), r), one);
  return i32x4.add(p, i32x4.shl(rounded, 23));
}

/** e^x for one number, equal to a lane of `exp4`. */
export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

const LN_2: f64 = 0.6931471805599453;

/** Bits of sqrt(1 / 2) as f64. */
const SQRT_HALF: i64 = 0x3fe6a09e667f3bcd;

/**
 * ln x of 0 or a normal number, within 2 ulp; NaN of NaN and below 0. With x = 2^n (1 + f) and 1 + f from sqrt(1 / 2)
 * to sqrt(2), it is n ln 2 + 2 artanh(f / (2 + f)) by its Taylor series. `Math.log` has a table of 4 KB.
 */
export function ln(x: f64): f64 {
  const bits = reinterpret<i64>(x);
  const n = (bits - SQRT_HALF) >> 52;
  const f = reinterpret<f64>(bits - (n << 52)) - 1;
  const s = f / (2 + f);
  const square = s * s;
  let series: f64 = 0;
  for (let k: f64 = 19; k > 0; k -= 2) series = series * square + 2 / k;
  if (x > 0) return <f64>n * LN_2 + s * series;
  return x == 0 ? -Infinity : NaN;
}

const FORMS = memory.data<f32>(
  [
    1, // 0
    2, // 4
    0.044715, // 8: cubic term of the tanh form of GELU
    -1.5957691216, // 12: -2 sqrt(2 / pi)
    0.70710678119, // 16: 1 / sqrt(2)
    0.3275911, // 20: Abramowitz and Stegun 7.1.26, p
    1.061405429, // 24: a5 down to a1
    -1.453152027,
    1.421413741,
    -0.284496736,
    0.254829592, // 40
    0.5, // 44
  ],
  16,
);

/** Logistic function, absolute error below 1e-7. */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const one = v128.load32_splat(FORMS, 0);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

/** tanh(x), absolute error below 2e-7. */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const one = v128.load32_splat(FORMS, 0);
  const two = v128.load32_splat(FORMS, 4);
  return f32x4.sub(one, f32x4.div(two, f32x4.add(one, exp4(f32x4.mul(two, x)))));
}

/**
 * GELU in its tanh form, 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), absolute error below
 * 2e-7 max(1, |x|). Hendrycks and Gimpel 2016; 0.5 (1 + tanh(u)) is the logistic function of 2 u.
 */
// @ts-ignore: decorator
@inline
export function geluTanh4(x: v128): v128 {
  const one = v128.load32_splat(FORMS, 0);
  const square = f32x4.mul(x, x);
  const u = f32x4.mul(x, madd(square, v128.load32_splat(FORMS, 8), one));
  const e = exp4(f32x4.mul(u, v128.load32_splat(FORMS, 12)));
  return f32x4.div(x, f32x4.add(one, e));
}

/**
 * Phi, the normal distribution function, absolute error below 2e-7. erfc by Abramowitz and Stegun 7.1.26.
 */
// @ts-ignore: decorator
@inline
export function normal4(x: v128): v128 {
  const one = v128.load32_splat(FORMS, 0);
  const z = f32x4.abs(f32x4.mul(x, v128.load32_splat(FORMS, 16)));
  const t = f32x4.div(one, madd(z, v128.load32_splat(FORMS, 20), one));
  let p = v128.load32_splat(FORMS, 24);
  p = madd(p, t, v128.load32_splat(FORMS, 28));
  p = madd(p, t, v128.load32_splat(FORMS, 32));
  p = madd(p, t, v128.load32_splat(FORMS, 36));
  p = madd(p, t, v128.load32_splat(FORMS, 40));
  const erfc = f32x4.mul(f32x4.mul(p, t), exp4(f32x4.neg(f32x4.mul(z, z))));
  const tail = f32x4.mul(erfc, v128.load32_splat(FORMS, 44));
  return v128.bitselect(tail, f32x4.sub(one, tail), f32x4.lt(x, f32x4.splat(0)));
}

/** GELU in its exact form, x Phi(x), absolute error below 2e-7 max(1, |x|). */
// @ts-ignore: decorator
@inline
export function geluErf4(x: v128): v128 {
  return f32x4.mul(x, normal4(x));
}

const SLOPES = memory.data<f32>(
  [
    1, // 0
    0.134145, // 4: 3 x 0.044715
    1.5957691216, // 8: 2 sqrt(2 / pi)
    0.044715, // 12
    0.39894228040, // 16: 1 / sqrt(2 pi)
    -0.5, // 20
  ],
  16,
);

/** Derivative of `geluTanh4`, absolute error below 1e-6 max(1, |x|). */
// @ts-ignore: decorator
@inline
export function geluTanhSlope4(x: v128): v128 {
  const one = v128.load32_splat(SLOPES, 0);
  const square = f32x4.mul(x, x);
  const twice = v128.load32_splat(SLOPES, 8);
  const u = f32x4.mul(f32x4.mul(x, madd(square, v128.load32_splat(SLOPES, 12), one)), twice);
  const slope = f32x4.mul(madd(square, v128.load32_splat(SLOPES, 4), one), twice);
  const s = f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(u))));
  return madd(f32x4.mul(x, slope), f32x4.mul(s, f32x4.sub(one, s)), s);
}

/** Derivative of `geluErf4`, Phi(x) + x phi(x), absolute error below 1e-6. */
// @ts-ignore: decorator
@inline
export function geluErfSlope4(x: v128): v128 {
  const density = exp4(f32x4.mul(f32x4.mul(x, x), v128.load32_splat(SLOPES, 20)));
  return madd(f32x4.mul(x, density), v128.load32_splat(SLOPES, 16), normal4(x));
}
