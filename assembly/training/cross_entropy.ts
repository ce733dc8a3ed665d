import { maximum } from '../kernels/maximum';
import { expShifted } from '../kernels/softmax';
import { ln } from '../math';

/*
 * Losses of one row of V logits, which become their gradient times `scale`. If the target is below 0, loss and gradient
 * are 0.
 */

/** -ln softmax(logits)[target]. */
export function crossEntropy(logits: usize, V: i32, target: i32, scale: f32): f64 {
  if (target < 0) return withoutTarget(logits, V);
  const wanted = logits + ((<usize>target) << 2);
  const largest = maximum(logits, V);
  const logit = load<f32>(wanted);
  const total = expShifted(logits, logits, V, 1);
  multiply(logits, V, scale / total);
  store<f32>(wanted, load<f32>(wanted) - scale);
  return <f64>largest - <f64>logit + ln(<f64>total);
}

/**
 * Cross-entropy to a distribution: hardShare x the target + (1 - hardShare) x the V numbers of `teacher`, whose sum is 1
 * (Hinton et al. 2015, with a temperature of 1).
 */
export function softCrossEntropy(
  logits: usize,
  teacher: usize,
  V: i32,
  target: i32,
  hardShare: f32,
  scale: f32,
): f64 {
  if (target < 0) return withoutTarget(logits, V);
  const softShare: f32 = 1 - hardShare;
  const wanted = logits + ((<usize>target) << 2);
  const largest = maximum(logits, V);
  const logit = load<f32>(wanted);
  const expected = expectation(teacher, logits, V);
  const total = expShifted(logits, logits, V, 1);
  multiply(logits, V, scale / total);
  const soft: f32 = scale * softShare;
  for (let i = 0; i < V; i++) {
    const at = (<usize>i) << 2;
    store<f32>(logits + at, load<f32>(logits + at) - soft * load<f32>(teacher + at));
  }
  store<f32>(wanted, load<f32>(wanted) - scale * hardShare);
  const mean = <f64>hardShare * <f64>logit + <f64>softShare * expected;
  return <f64>largest - mean + ln(<f64>total);
}

/** The target's logit with its sign changed. */
export function negativeLogit(logits: usize, V: i32, target: i32, scale: f32): f64 {
  if (target < 0) return withoutTarget(logits, V);
  const wanted = logits + ((<usize>target) << 2);
  const logit = load<f32>(wanted);
  withoutTarget(logits, V);
  store<f32>(wanted, -scale);
  return -(<f64>logit);
}

function withoutTarget(logits: usize, V: i32): f64 {
  memory.fill(logits, 0, (<usize>V) << 2);
  return 0;
}

/** x[V] *= factor. */
function multiply(x: usize, V: i32, factor: f32): void {
  const factor4 = f32x4.splat(factor);
  const vectors = x + ((<usize>(V & ~3)) << 2);
  const end = x + ((<usize>V) << 2);
  let at = x;
  for (; at < vectors; at += 16) v128.store(at, f32x4.mul(v128.load(at), factor4));
  for (; at < end; at += 4) store<f32>(at, load<f32>(at) * factor);
}

/** The sum of p[i] x[i], in f64. */
function expectation(p: usize, x: usize, V: i32): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < V; i++) {
    const at = (<usize>i) << 2;
    sum += <f64>load<f32>(p + at) * <f64>load<f32>(x + at);
  }
  return sum;
}
