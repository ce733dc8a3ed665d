import { exp1, exp4 } from '../math';
import { maxLanes, sumLanes } from '../simd';

/** Largest of n f32, n > 0; NaN counts as nothing. */
export function maximum(values: usize, n: i32): f32 {
  let best4 = f32x4.splat(-Infinity);
  const end = values + ((<usize>n) << 2);
  const vectorEnd = values + ((<usize>(n & ~3)) << 2);
  for (; values < vectorEnd; values += 16) best4 = f32x4.pmax(best4, v128.load(values));
  let best = maxLanes(best4);
  for (; values < end; values += 4) {
    const value = load<f32>(values);
    if (value > best) best = value;
  }
  return best;
}

/** The lowest index of the largest of n f32. */
export function argmax(values: usize, n: i32): i32 {
  const best = maximum(values, n);
  for (let i = 0; i < n; i++) if (load<f32>(values + ((<usize>i) << 2)) == best) return i;
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
  for (let o = out, end = out + ((<usize>n) << 2); o < end; o += 4) store<f32>(o, load<f32>(o) * inverse);
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
