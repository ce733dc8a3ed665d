/*
 * The only file that knows which build it is in: all differences between the `simd` and the `relaxed` build
 * are functions and constants here.
 */

/**
 * a * b + c for four lanes: fused (one rounding) in the relaxed build, two roundings in the simd build.
 * Not for three constants: AssemblyScript 0.27.37 folds those into a + b * c in the relaxed build.
 */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/**
 * Whether a tile of 6 rows can be faster: its 12 sums, 2 weights and 1 input fill the 15 vector registers
 * that an engine has on x86, and a separate multiply would need one more.
 */
// @ts-ignore: decorator
@inline
export const FUSED: bool = ASC_FEATURE_RELAXED_SIMD;

/**
 * Offset of stored q8 activations: the 8-bit dot product of the relaxed build gives the same result on all
 * processors only if its second operand is 0..127.
 */
// @ts-ignore: decorator
@inline
export const ZERO_POINT: i32 = ASC_FEATURE_RELAXED_SIMD ? 64 : 0;

/** Bytes of a quantized activation: the simd build only has a dot product of 16-bit numbers. */
// @ts-ignore: decorator
@inline
export const ACTIVATION_BYTES: i32 = ASC_FEATURE_RELAXED_SIMD ? 1 : 2;

/** acc + w . a for each 32-bit lane: of four i8 in the relaxed build, of two i16 in the simd build. Exact. */
// @ts-ignore: decorator
@inline
export function dotAdd(w: v128, a: v128, acc: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(w, a, acc);
  return i32x4.add(acc, i32x4.dot_i16x8_s(w, a));
}

/** a . b for each pair of i8, as i16: exact if b is 0..127. Relaxed build only. */
// @ts-ignore: decorator
@inline
export function dotPairs(a: v128, b: v128): v128 {
  return i16x8.relaxed_dot_i8x16_i7x16_s(a, b);
}

/**
 * sums + activations (-127..127) x weights (0..15): adds 2 products to each of 8 i16 lanes in the relaxed
 * build, to each of 4 i32 lanes in the simd build. Exact unless a sum overflows.
 */
// @ts-ignore: decorator
@inline
export function addProducts(sums: v128, a: v128, w: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i16x8.add(sums, dotPairs(a, w));
  return i32x4.add(sums, i32x4.dot_i16x8_s(a, w));
}

/** The sums of `addProducts` as 4 i32. */
// @ts-ignore: decorator
@inline
export function productSums(sums: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.extadd_pairwise_i16x8_s(sums);
  return sums;
}

/** Sum of the four lanes, always in the same order. */
// @ts-ignore: decorator
@inline
export function sumLanes(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/** Largest of the four lanes. */
// @ts-ignore: decorator
@inline
export function maxLanes(v: v128): f32 {
  return max(
    max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}
