import { BUCKETS } from '../abi';

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
 * sums[b] and counts[b] = sum (f64) and number (i32) of the values whose upper 16 bits are b, of n f32 from 0
 * to 1; b < BUCKETS. Upper bits are in the order of the values.
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
