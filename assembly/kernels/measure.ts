import { ln } from '../math';
import { maximum } from './maximum';
import { expShifted } from './softmax';

/** Smallest exponent of `exp4`; a sum is not changed by terms below it, and -Infinity times 0 is NaN. */
const LEAST = memory.data<f32>([-87], 4);

const LANES = memory.data<i32>([0, 1, 2, 3], 16);

/**
 * Measures the token `id` by n logits, one of them finite; -Infinity stands for a probability of 0. Writes four
 * f64 to `out`: the token's ln p, its logit - `logSumExp`; its rank, 1 for the largest logit and of equal ones by
 * lower id; the entropy of softmax(values) in nats, and the variance of ln p under it. `scratch` has room for n f32.
 *
 * With d = value - largest, S = sum(e^d) and p = e^d / S, the entropy -sum(p ln p) is ln S - sum(e^d d) / S, and the
 * variance sum(e^d d^2) / S - (sum(e^d d) / S)^2: large logits cancel before they cost digits.
 */
export function measure(out: usize, scratch: usize, values: usize, n: i32, id: i32): void {
  const logit = load<f32>(values + ((<usize>id) << 2));
  const largest = maximum(values, n);
  const sum = <f64>expShifted(scratch, values, n, 1);
  const largest4 = f32x4.splat(largest);
  const least4 = v128.load32_splat(LEAST);
  const logit4 = f32x4.splat(logit);
  const id4 = i32x4.splat(id);
  let i4 = v128.load(LANES);
  let before4 = i32x4.splat(0);
  let low = f64x2.splat(0);
  let high = low;
  let squares4 = low;
  let i = 0;
  for (; i + 4 <= n; i += 4, values += 16, scratch += 16) {
    const value = v128.load(values);
    const isTie = v128.and(f32x4.eq(value, logit4), i32x4.lt_s(i4, id4));
    before4 = i32x4.sub(before4, v128.or(f32x4.gt(value, logit4), isTie));
    i4 = i32x4.add(i4, i32x4.splat(4));
    const d = f32x4.pmax(f32x4.sub(value, largest4), least4);
    const product = f32x4.mul(v128.load(scratch), d);
    low = f64x2.add(low, f64x2.promote_low_f32x4(product));
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<i32>(product, product, 2, 3, 2, 3)));
    const square = f32x4.mul(product, d);
    const both = f32x4.add(square, v128.shuffle<i32>(square, square, 2, 3, 2, 3));
    squares4 = f64x2.add(squares4, f64x2.promote_low_f32x4(both));
  }
  const pairs = i32x4.add(before4, v128.shuffle<i32>(before4, before4, 2, 3, 0, 1));
  let before = i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
  const both = f64x2.add(low, high);
  let products = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  let squares = f64x2.extract_lane(squares4, 0) + f64x2.extract_lane(squares4, 1);
  for (; i < n; i++, values += 4, scratch += 4) {
    const value = load<f32>(values);
    if (value > logit || (value == logit && i < id)) before++;
    const d = max(value - largest, load<f32>(LEAST));
    const product = load<f32>(scratch) * d;
    products += <f64>product;
    squares += <f64>(product * d);
  }
  const logSum = ln(sum);
  store<f64>(out, <f64>logit - (<f64>largest + logSum));
  store<f64>(out, <f64>(before + 1), 8);
  const mean = products / sum;
  store<f64>(out, logSum - mean, 16);
  store<f64>(out, max(0, squares / sum - mean * mean), 24);
}
