const MAGNITUDE = memory.data<u32>([0x7fffffff], 4); // of an f32, all bits but the sign

/** Largest of four lanes as unsigned numbers. */
// @ts-ignore: decorator
@inline
function maxLanesUnsigned(v: v128): u32 {
  const pairs = i32x4.max_u(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  return max(<u32>i32x4.extract_lane(pairs, 0), <u32>i32x4.extract_lane(pairs, 1));
}

/**
 * Largest magnitude of n f32; NaN if one of them is NaN. Magnitudes have the order of their bits: finite
 * numbers, infinity, NaN.
 */
export function largestMagnitude(values: usize, n: i32): f32 {
  const magnitude = v128.load32_splat(MAGNITUDE);
  let most0 = i32x4.splat(0);
  let most1 = most0;
  const end = values + ((<usize>n) << 2);
  for (const vectorEnd = values + ((<usize>(n & ~7)) << 2); values < vectorEnd; values += 32) {
    most0 = i32x4.max_u(most0, v128.and(v128.load(values), magnitude));
    most1 = i32x4.max_u(most1, v128.and(v128.load(values, 16), magnitude));
  }
  let most = maxLanesUnsigned(i32x4.max_u(most0, most1));
  for (; values < end; values += 4) most = max(most, load<u32>(values) & 0x7fffffff);
  return reinterpret<f32>(most);
}
