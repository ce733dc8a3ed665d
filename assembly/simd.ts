/**
 * The only file that knows which build it is in: everything that differs between the `simd`
 * and the `relaxed` build is a function here.
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
 * Whether a tile of 6 rows can pay: its 12 sums, 2 weights and 1 input fill the 15 registers an engine
 * has for vectors on x86, and a separate multiply would need a sixteenth.
 */
// @ts-ignore: decorator
@inline
export const FUSED: bool = ASC_FEATURE_RELAXED_SIMD;

/**
 * What quantized activations are stored above zero: the 8-bit dot of the relaxed build means the same
 * everywhere only where its second operand is 0..127.
 */
// @ts-ignore: decorator
@inline
export const ZERO_POINT: i32 = ASC_FEATURE_RELAXED_SIMD ? 64 : 0;

/**
 * acc + the dot products of four groups of 4 weights (i8) with 4 activations, exact. Activations are
 * -63..63 above `ZERO_POINT`.
 */
// @ts-ignore: decorator
@inline
export function dot8(w: v128, a: v128, acc: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(w, a, acc);
  const low = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(w), i16x8.extend_low_i8x16_s(a));
  const high = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(w), i16x8.extend_high_i8x16_s(a));
  const even = v128.shuffle<i32>(low, high, 0, 2, 4, 6);
  const odd = v128.shuffle<i32>(low, high, 1, 3, 5, 7);
  return i32x4.add(acc, i32x4.add(even, odd));
}

/**
 * Bytes of one number in the operands of `addProducts`: the relaxed build has a product of bytes, 8-bit activations with
 * 7-bit weights; the simd build has one of i16 only.
 */
// @ts-ignore: decorator
@inline
export const OPERAND_BYTES: usize = ASC_FEATURE_RELAXED_SIMD ? 1 : 2;

/**
 * sums + activations -127..127 times weights 0..15, exact while the sums are: 8 lanes of i16, each 2 products further, in
 * the relaxed build, 4 lanes of i32 in the simd build.
 */
// @ts-ignore: decorator
@inline
export function addProducts(sums: v128, a: v128, w: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i16x8.add(sums, i16x8.relaxed_dot_i8x16_i7x16_s(a, w));
  return i32x4.add(sums, i32x4.dot_i16x8_s(a, w));
}

/** The sums of `addProducts` as 4 lanes of i32. */
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
