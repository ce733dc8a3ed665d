import { maxLanes } from '../simd';

/** Largest of n f32, n > 0; NaN is ignored. */
export function maximum(values: usize, n: i32): f32 {
  // Each comparison waits for the previous one, so four independent ones run at a time.
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
