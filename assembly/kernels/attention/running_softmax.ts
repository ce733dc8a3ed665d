import { padded } from '../../abi';
import { exp1, exp4 } from '../../math';
import { madd, sumLanes } from '../../simd';

/*
 * State of a row's softmax while it runs along the pages: sums of weights x values [padded head size], the
 * largest scaled score so far and the sum of the weights.
 */

/** Bytes of a row's state. */
// @ts-ignore: decorator
@inline
export function rowStateBytes(headSize: i32): usize {
  return ((<usize>padded(headSize)) << 2) + 16;
}

// @ts-ignore: decorator
@inline
function maximumOf(state: usize, headSize: i32): usize {
  return state + ((<usize>padded(headSize)) << 2);
}

// @ts-ignore: decorator
@inline
function totalOf(state: usize, headSize: i32): usize {
  return maximumOf(state, headSize) + 4;
}

export function beginRow(state: usize, headSize: i32): void {
  memory.fill(state, 0, rowStateBytes(headSize));
  store<f32>(maximumOf(state, headSize), -Infinity);
}

/** Raises the maximum to `score`, if that is larger, and shrinks what was summed. Returns the maximum. */
export function raiseMaximum(state: usize, headSize: i32, score: f32): f32 {
  const at = maximumOf(state, headSize);
  const before = load<f32>(at);
  const m = max(before, score);
  if (m > before) {
    const shrink = f32x4.splat(exp1(before - m));
    for (let sums = state; sums < at; sums += 16) v128.store(sums, f32x4.mul(v128.load(sums), shrink));
    const total = totalOf(state, headSize);
    store<f32>(total, load<f32>(total) * f32x4.extract_lane(shrink, 0));
    store<f32>(at, m);
  }
  return m;
}

/**
 * Turns scores into weights, exp(scale score - m) for the first `valid` and 0 up to `count`, and adds them to
 * the row's total.
 */
export function weigh(
  state: usize,
  headSize: i32,
  scores: usize,
  valid: i32,
  count: i32,
  scale: f32,
  m: f32,
): void {
  const scale4 = f32x4.splat(scale);
  const m4 = f32x4.splat(-m);
  let sums = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= valid; i += 4) {
    const s = scores + ((<usize>i) << 2);
    const p = exp4(madd(v128.load(s), scale4, m4));
    v128.store(s, p);
    sums = f32x4.add(sums, p);
  }
  let sum: f32 = 0;
  for (; i < valid; i++) {
    const s = scores + ((<usize>i) << 2);
    const p = exp1(load<f32>(s) * scale - m);
    store<f32>(s, p);
    sum += p;
  }
  for (; i < count; i++) store<f32>(scores + ((<usize>i) << 2), 0);
  const total = totalOf(state, headSize);
  store<f32>(total, load<f32>(total) + (sum + sumLanes(sums)));
}

/** out[headSize] = the sums / the total. */
export function endRow(out: usize, state: usize, headSize: i32): void {
  const inverse: f32 = 1 / load<f32>(totalOf(state, headSize));
  for (const end = state + ((<usize>headSize) << 2); state < end; state += 4) {
    store<f32>(out, load<f32>(state) * inverse);
    out += 4;
  }
}
