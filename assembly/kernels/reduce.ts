import { BUCKETS } from '../abi';
import { exp1, exp4 } from '../math';
import { maxLanes, sumLanes } from '../simd';

/** Largest of n f32, n > 0; NaN counts as nothing. */
export function maximum(values: usize, n: i32): f32 {
  // A comparison waits for the one before it, so that four go on at a time.
  let best0 = f32x4.splat(-Infinity);
  let best1 = best0;
  let best2 = best0;
  let best3 = best0;
  const end = values + ((<usize>n) << 2);
  const vectorEnd = values + ((<usize>(n & ~15)) << 2);
  for (; values < vectorEnd; values += 64) {
    best0 = f32x4.pmax(best0, v128.load(values));
    best1 = f32x4.pmax(best1, v128.load(values, 16));
    best2 = f32x4.pmax(best2, v128.load(values, 32));
    best3 = f32x4.pmax(best3, v128.load(values, 48));
  }
  let best = maxLanes(f32x4.pmax(f32x4.pmax(best0, best1), f32x4.pmax(best2, best3)));
  for (; values < end; values += 4) {
    const value = load<f32>(values);
    if (value > best) best = value;
  }
  return best;
}

/** The lowest index of the largest of n f32. */
export function argmax(values: usize, n: i32): i32 {
  const best = maximum(values, n);
  const best4 = f32x4.splat(best);
  let i = 0;
  while (i + 4 <= n && !v128.any_true(f32x4.eq(v128.load(values + ((<usize>i) << 2)), best4))) i += 4;
  for (; i < n; i++) if (load<f32>(values + ((<usize>i) << 2)) == best) return i;
  return 0;
}

/**
 * out = exp((values - largest) * scale), returns the sum. In place where out equals values.
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
    // Two at a time, because each step of an exponential waits for the one before it.
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
  return <f64>largest + Math.log(<f64>expShifted(scratch, values, n, 1));
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

/** sums[b] = the sum of values[64 b] up to values[64 b + 63], f64, of n f32. */
export function blockSums(sums: usize, values: usize, n: i32): void {
  const end = values + ((<usize>n) << 2);
  for (; values + 256 <= end; values += 256, sums += 8) {
    let low = f64x2.splat(0);
    let high = low;
    for (let v = values; v < values + 256; v += 16) {
      const four = v128.load(v);
      low = f64x2.add(low, f64x2.promote_low_f32x4(four));
      high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<i32>(four, four, 2, 3, 2, 3)));
    }
    const both = f64x2.add(low, high);
    store<f64>(sums, f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1));
  }
  if (values == end) return;
  let rest: f64 = 0;
  for (; values < end; values += 4) rest += <f64>load<f32>(values);
  store<f64>(sums, rest);
}

/**
 * sums[b] and counts[b] = sum (f64) and number (i32) of the values whose upper 16 bits are b, of n f32 from 0 to 1;
 * b < BUCKETS. Upper bits are in the order of the values.
 */
export function bucketSums(sums: usize, counts: usize, values: usize, n: i32): void {
  memory.fill(sums, 0, (<usize>BUCKETS) << 3);
  memory.fill(counts, 0, (<usize>BUCKETS) << 2);
  for (const end = values + ((<usize>n) << 2); values < end; values += 4) {
    const bucket = <usize>(load<u32>(values) >>> 16);
    const sum = sums + (bucket << 3);
    const count = counts + (bucket << 2);
    store<f64>(sum, load<f64>(sum) + <f64>load<f32>(values));
    store<i32>(count, load<i32>(count) + 1);
  }
}

/** Whether entry i comes after entry j in the order of `topK`: smaller, or equal with a higher index. */
// @ts-ignore: decorator
@inline
function after(values: usize, i: i32, j: i32): bool {
  const a = load<f32>(values + ((<usize>i) << 2));
  const b = load<f32>(values + ((<usize>j) << 2));
  return a < b || (a == b && i > j);
}

/** Lets the entry at `at` of the heap sink, whose root is the entry that comes last. */
function sink(heap: usize, values: usize, at: i32, size: i32): void {
  const entry = load<i32>(heap + ((<usize>at) << 2));
  for (;;) {
    let child = 2 * at + 1;
    if (child >= size) break;
    let below = load<i32>(heap + ((<usize>child) << 2));
    if (child + 1 < size) {
      const right = load<i32>(heap + ((<usize>(child + 1)) << 2));
      if (after(values, right, below)) {
        below = right;
        child++;
      }
    }
    if (!after(values, below, entry)) break;
    store<i32>(heap + ((<usize>at) << 2), below);
    at = child;
  }
  store<i32>(heap + ((<usize>at) << 2), entry);
}

/** ids[k] = indices of the k largest of n f32, largest first, equal ones by lower index; 1 <= k <= n. */
export function topK(ids: usize, values: usize, n: i32, k: i32): void {
  for (let i = 0; i < k; i++) store<i32>(ids + ((<usize>i) << 2), i);
  for (let i = (k >> 1) - 1; i >= 0; i--) sink(ids, values, i, k);
  let i = k;
  while (i < n) {
    const least = f32x4.splat(load<f32>(values + ((<usize>load<i32>(ids)) << 2)));
    while (i + 4 <= n && !v128.any_true(f32x4.gt(v128.load(values + ((<usize>i) << 2)), least))) i += 4;
    for (const end = min(i + 4, n); i < end; i++) {
      if (after(values, load<i32>(ids), i)) {
        store<i32>(ids, i);
        sink(ids, values, 0, k);
      }
    }
  }
  for (let size = k - 1; size > 0; size--) {
    const last = load<i32>(ids);
    store<i32>(ids, load<i32>(ids + ((<usize>size) << 2)));
    sink(ids, values, 0, size);
    store<i32>(ids + ((<usize>size) << 2), last);
  }
}
