import { dotAdd, madd, sumLanes } from '../../assembly/simd';

/** Vector operations in one turn of `multiplyAdd`, `dot` and `dot16`. */
export const OPERATIONS_PER_TURN: i32 = 24;

/** Products in an operation of `dot`. */
export const DOT_LANES: i32 = ASC_FEATURE_RELAXED_SIMD ? 16 : 8;

/** The machine's multiply-add peak: 12 independent sums in registers, 24 multiply-adds a turn. */
export function multiplyAdd(turns: i32, data: usize): void {
  const a = v128.load(data);
  const b = v128.load(data, 16);
  let s0 = a;
  let s1 = a;
  let s2 = a;
  let s3 = a;
  let s4 = a;
  let s5 = a;
  let s6 = a;
  let s7 = a;
  let s8 = a;
  let s9 = a;
  let s10 = a;
  let s11 = a;
  for (let i = 0; i < turns; i++) {
    s0 = madd(a, b, s0);
    s1 = madd(a, b, s1);
    s2 = madd(a, b, s2);
    s3 = madd(a, b, s3);
    s4 = madd(a, b, s4);
    s5 = madd(a, b, s5);
    s6 = madd(a, b, s6);
    s7 = madd(a, b, s7);
    s8 = madd(a, b, s8);
    s9 = madd(a, b, s9);
    s10 = madd(a, b, s10);
    s11 = madd(a, b, s11);
    s0 = madd(b, a, s0);
    s1 = madd(b, a, s1);
    s2 = madd(b, a, s2);
    s3 = madd(b, a, s3);
    s4 = madd(b, a, s4);
    s5 = madd(b, a, s5);
    s6 = madd(b, a, s6);
    s7 = madd(b, a, s7);
    s8 = madd(b, a, s8);
    s9 = madd(b, a, s9);
    s10 = madd(b, a, s10);
    s11 = madd(b, a, s11);
  }
  s0 = f32x4.add(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)), f32x4.add(s4, s5));
  s6 = f32x4.add(f32x4.add(f32x4.add(s6, s7), f32x4.add(s8, s9)), f32x4.add(s10, s11));
  v128.store(data, f32x4.add(s0, s6), 32);
}

/** The peak of the build's dot product with addition: of bytes in the relaxed build, of i16 in the simd build. */
export function dot(turns: i32, data: usize): void {
  const a = v128.load(data);
  const b = v128.load(data, 16);
  let s0 = a;
  let s1 = a;
  let s2 = a;
  let s3 = a;
  let s4 = a;
  let s5 = a;
  let s6 = a;
  let s7 = a;
  let s8 = a;
  let s9 = a;
  let s10 = a;
  let s11 = a;
  for (let i = 0; i < turns; i++) {
    s0 = dotAdd(a, b, s0);
    s1 = dotAdd(a, b, s1);
    s2 = dotAdd(a, b, s2);
    s3 = dotAdd(a, b, s3);
    s4 = dotAdd(a, b, s4);
    s5 = dotAdd(a, b, s5);
    s6 = dotAdd(a, b, s6);
    s7 = dotAdd(a, b, s7);
    s8 = dotAdd(a, b, s8);
    s9 = dotAdd(a, b, s9);
    s10 = dotAdd(a, b, s10);
    s11 = dotAdd(a, b, s11);
    s0 = dotAdd(b, a, s0);
    s1 = dotAdd(b, a, s1);
    s2 = dotAdd(b, a, s2);
    s3 = dotAdd(b, a, s3);
    s4 = dotAdd(b, a, s4);
    s5 = dotAdd(b, a, s5);
    s6 = dotAdd(b, a, s6);
    s7 = dotAdd(b, a, s7);
    s8 = dotAdd(b, a, s8);
    s9 = dotAdd(b, a, s9);
    s10 = dotAdd(b, a, s10);
    s11 = dotAdd(b, a, s11);
  }
  s0 = i32x4.add(i32x4.add(i32x4.add(s0, s1), i32x4.add(s2, s3)), i32x4.add(s4, s5));
  s6 = i32x4.add(i32x4.add(i32x4.add(s6, s7), i32x4.add(s8, s9)), i32x4.add(s10, s11));
  v128.store(data, i32x4.add(s0, s6), 32);
}

/** The peak of the 16-bit dot product with the addition that it needs. */
export function dot16(turns: i32, data: usize): void {
  const a = v128.load(data);
  const b = v128.load(data, 16);
  let s0 = a;
  let s1 = a;
  let s2 = a;
  let s3 = a;
  let s4 = a;
  let s5 = a;
  let s6 = a;
  let s7 = a;
  let s8 = a;
  let s9 = a;
  let s10 = a;
  let s11 = a;
  for (let i = 0; i < turns; i++) {
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(s0, a));
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(s1, a));
    s2 = i32x4.add(s2, i32x4.dot_i16x8_s(s2, a));
    s3 = i32x4.add(s3, i32x4.dot_i16x8_s(s3, a));
    s4 = i32x4.add(s4, i32x4.dot_i16x8_s(s4, a));
    s5 = i32x4.add(s5, i32x4.dot_i16x8_s(s5, a));
    s6 = i32x4.add(s6, i32x4.dot_i16x8_s(s6, a));
    s7 = i32x4.add(s7, i32x4.dot_i16x8_s(s7, a));
    s8 = i32x4.add(s8, i32x4.dot_i16x8_s(s8, a));
    s9 = i32x4.add(s9, i32x4.dot_i16x8_s(s9, a));
    s10 = i32x4.add(s10, i32x4.dot_i16x8_s(s10, a));
    s11 = i32x4.add(s11, i32x4.dot_i16x8_s(s11, a));
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(s0, b));
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(s1, b));
    s2 = i32x4.add(s2, i32x4.dot_i16x8_s(s2, b));
    s3 = i32x4.add(s3, i32x4.dot_i16x8_s(s3, b));
    s4 = i32x4.add(s4, i32x4.dot_i16x8_s(s4, b));
    s5 = i32x4.add(s5, i32x4.dot_i16x8_s(s5, b));
    s6 = i32x4.add(s6, i32x4.dot_i16x8_s(s6, b));
    s7 = i32x4.add(s7, i32x4.dot_i16x8_s(s7, b));
    s8 = i32x4.add(s8, i32x4.dot_i16x8_s(s8, b));
    s9 = i32x4.add(s9, i32x4.dot_i16x8_s(s9, b));
    s10 = i32x4.add(s10, i32x4.dot_i16x8_s(s10, b));
    s11 = i32x4.add(s11, i32x4.dot_i16x8_s(s11, b));
  }
  s0 = i32x4.add(i32x4.add(i32x4.add(s0, s1), i32x4.add(s2, s3)), i32x4.add(s4, s5));
  s6 = i32x4.add(i32x4.add(i32x4.add(s6, s7), i32x4.add(s8, s9)), i32x4.add(s10, s11));
  v128.store(data, i32x4.add(s0, s6), 32);
}

/** Writes `bytes` bytes, so that every page is really there. */
export function write(data: usize, bytes: usize): void {
  for (const end = data + bytes; data < end; data += 16) v128.store(data, f32x4.splat(1));
}

/** The machine's read bandwidth: reads `bytes` bytes once, in order; returns a sum of what was read. */
export function read(data: usize, bytes: usize): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (const end = data + bytes; data < end; data += 128) {
    s0 = f32x4.add(s0, v128.load(data));
    s1 = f32x4.add(s1, v128.load(data, 16));
    s2 = f32x4.add(s2, v128.load(data, 32));
    s3 = f32x4.add(s3, v128.load(data, 48));
    s0 = f32x4.add(s0, v128.load(data, 64));
    s1 = f32x4.add(s1, v128.load(data, 80));
    s2 = f32x4.add(s2, v128.load(data, 96));
    s3 = f32x4.add(s3, v128.load(data, 112));
  }
  return sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}
