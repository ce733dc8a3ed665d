/** Bits of an infinite half without its sign; NaN has higher bits, finite numbers lower ones. */
// @ts-ignore: decorator
@inline
export const INFINITE_HALF: u32 = 0x7c00;

/** Four halves in the low 16 bits of the lanes, as f32; exact, subnormals and infinities included. */
// @ts-ignore: decorator
@inline
export function half4(h: v128): v128 {
  const magnitude = i32x4.shl(v128.and(h, i32x4.splat(0x7fff)), 13);
  const sign = i32x4.shl(v128.and(h, i32x4.splat(0x8000)), 16);
  const finite = f32x4.mul(magnitude, i32x4.splat(0x77800000)); // 2^112 moves the exponent's bias from 15 to 127
  const special = i32x4.ge_u(magnitude, i32x4.splat(0x0f800000));
  return v128.or(v128.or(finite, sign), v128.and(special, i32x4.splat(0x7f800000)));
}

const REBIAS = memory.data<u32>([0x77800000], 4); // 2^112 as f32

/** Four halves at an address as f32; they must be finite and not negative, as scales are. */
// @ts-ignore: decorator
@inline
export function scales4(halves: usize): v128 {
  return f32x4.mul(i32x4.shl(v128.load16x4_u(halves), 13), v128.load32_splat(REBIAS));
}

const SIGN_AND_REST = memory.data<u32>([0x8fffffff], 4); // of a half shifted to f32, its sign extended

/** As `scales4`, of any sign. */
// @ts-ignore: decorator
@inline
export function signedScales4(halves: usize): v128 {
  const extended = i32x4.shl(v128.load16x4_s(halves), 13);
  return f32x4.mul(v128.and(extended, v128.load32_splat(SIGN_AND_REST)), v128.load32_splat(REBIAS));
}

/** Decodes finite halves of any sign, a multiple of 16 of them, into f32 until `end`. */
export function decodeHalves(out: usize, end: usize, halves: usize): void {
  const signAndRest = v128.load32_splat(SIGN_AND_REST);
  const rebias = v128.load32_splat(REBIAS);
  for (; out < end; out += 64) {
    const half0 = i32x4.shl(v128.load16x4_s(halves), 13);
    const half1 = i32x4.shl(v128.load16x4_s(halves, 8), 13);
    const half2 = i32x4.shl(v128.load16x4_s(halves, 16), 13);
    const half3 = i32x4.shl(v128.load16x4_s(halves, 24), 13);
    v128.store(out, f32x4.mul(v128.and(half0, signAndRest), rebias));
    v128.store(out, f32x4.mul(v128.and(half1, signAndRest), rebias), 16);
    v128.store(out, f32x4.mul(v128.and(half2, signAndRest), rebias), 32);
    v128.store(out, f32x4.mul(v128.and(half3, signAndRest), rebias), 48);
    halves += 32;
  }
}

/** As `scales4`, one half. */
// @ts-ignore: decorator
@inline
export function scale1(half: usize): f32 {
  return reinterpret<f32>((<u32>load<u16>(half)) << 13) * load<f32>(REBIAS);
}

/** As `scale1`, of any sign. */
// @ts-ignore: decorator
@inline
export function signedScale1(half: usize): f32 {
  const bits = <i32>load<i16>(half) << 13;
  return reinterpret<f32>(bits & 0x8fffffff) * load<f32>(REBIAS);
}

const TO_HALVES = memory.data<u32>(
  [
    0x7fffffff, // 0: magnitude of an f32
    0x477fe000, // 4: 65504, the largest half
    0x38000000, // 8: what moves the exponent's bias from 127 to 15
    0x3f000000, // 12: 0.5, whose last bit is 2^-24, the least half
    0x38800000, // 16: 2^-14, below which halves are multiples of 2^-24
  ],
  4,
);

/**
 * The halves nearest to four numbers, in the low 16 bits of the lanes: ties to even, 65504 for larger
 * magnitudes and NaN.
 */
// @ts-ignore: decorator
@inline
export function toHalves4(x: v128): v128 {
  const sign = v128.and(i32x4.shr_u(x, 16), i32x4.splat(0x8000));
  const any = v128.and(x, v128.load32_splat(TO_HALVES));
  const magnitude = i32x4.min_u(any, v128.load32_splat(TO_HALVES, 4));
  const odd = v128.and(i32x4.shr_u(magnitude, 13), i32x4.splat(1));
  const rebiased = i32x4.sub(magnitude, v128.load32_splat(TO_HALVES, 8));
  const normal = i32x4.shr_u(i32x4.add(i32x4.add(rebiased, i32x4.splat(0xfff)), odd), 13);
  const half = v128.load32_splat(TO_HALVES, 12);
  const small = i32x4.sub(f32x4.add(magnitude, half), half);
  const isSmall = i32x4.lt_s(magnitude, v128.load32_splat(TO_HALVES, 16));
  return v128.or(v128.bitselect(small, normal, isSmall), sign);
}

/** Stores four numbers as `toHalves4`. */
// @ts-ignore: decorator
@inline
export function storeHalves4(halves: usize, x: v128): void {
  const lanes = toHalves4(x);
  v128.store64_lane(halves, i16x8.narrow_i32x4_u(lanes, lanes), 0);
}

/** Stores the number of lane 0 as `toHalves4`. */
// @ts-ignore: decorator
@inline
export function storeHalf(half: usize, x: v128): void {
  v128.store16_lane(half, toHalves4(x), 0);
}
