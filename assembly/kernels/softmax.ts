import { exp1, exp4, ln } from '../math';
import { sumLanes } from '../simd';
import { maximum } from './maximum';

/**
 * out = exp((values - largest) * scale), returns the sum. `out` may be `values`.
 * With scale > 0 no exponent is above 0, so nothing overflows.
 */
export function expShifted(out: usize, values: usize, n: i32, scale: f32): f32 {
  const largest = maximum(values, n);
  const largest4 = f32x4.splat(largest);
  const scale4 = f32x4.splat(scale);
  const vectors = (<usize>(n & ~3)) << 2;
  const bytes = (<usize>n) << 2;
  const never = f32x4.splat(-Infinity);
  // A run of partial sums keeps the error of 50,000 additions at that of a few thousand.
  let total: f64 = 0;
  for (let i: usize = 0; i < vectors; ) {
    const runEnd = min(i + 4096, vectors);
    let sums = f32x4.splat(0);
    // Two at a time, because each operation of an exponential waits for the previous one.
    for (; i + 32 <= runEnd; i += 32) {
      const value0 = v128.load(values + i);
      const value1 = v128.load(values + i, 16);
      const e0 = exp4(f32x4.mul(f32x4.sub(value0, largest4), scale4));
      const e1 = exp4(f32x4.mul(f32x4.sub(value1, largest4), scale4));
      const masked0 = v128.andnot(e0, f32x4.eq(value0, never));
      const masked1 = v128.andnot(e1, f32x4.eq(value1, never));
      v128.store(out + i, masked0);
      v128.store(out + i, masked1, 16);
      sums = f32x4.add(f32x4.add(sums, masked0), masked1);
    }
    for (; i < runEnd; i += 16) {
      const value = v128.load(values + i);
      const e = exp4(f32x4.mul(f32x4.sub(value, largest4), scale4));
      const masked = v128.andnot(e, f32x4.eq(value, never));
      v128.store(out + i, masked);
      sums = f32x4.add(sums, masked);
    }
    total += <f64>sumLanes(sums);
  }
  for (let i = vectors; i < bytes; i += 4) {
    const value = load<f32>(values + i);
    const e: f32 = value == -Infinity ? 0 : exp1((value - largest) * scale);
    store<f32>(out + i, e);
    total += <f64>e;
  }
  return <f32>total;
}

/** ln(sum(exp(values))); `scratch` has room for n f32. */
export function logSumExp(scratch: usize, values: usize, n: i32): f64 {
  const largest = maximum(values, n);
  return <f64>largest + ln(<f64>expShifted(scratch, values, n, 1));
}

/** out = softmax(values / temperature). */
export function softmax(out: usize, values: usize, n: i32, temperature: f32): void {
  const inverse: f32 = 1 / expShifted(out, values, n, 1 / temperature);
  const inverse4 = f32x4.splat(inverse);
  const end = out + ((<usize>n) << 2);
  const vectorEnd = out + ((<usize>(n & ~3)) << 2);
  for (; out < vectorEnd; out += 16) v128.store(out, f32x4.mul(v128.load(out), inverse4));
  for (; out < end; out += 4) store<f32>(out, load<f32>(out) * inverse);
}
