import { maximum } from '../kernels/maximum';
import { expShifted } from '../kernels/softmax';
import { ln } from '../math';

/**
 * -ln softmax(logits)[target] of one row of V logits, which become their gradient times `scale`. If the
 * target is below 0, loss and gradient are 0.
 */
export function crossEntropy(logits: usize, V: i32, target: i32, scale: f32): f64 {
  if (target < 0) {
    memory.fill(logits, 0, (<usize>V) << 2);
    return 0;
  }
  const wanted = logits + ((<usize>target) << 2);
  const largest = maximum(logits, V);
  const logit = load<f32>(wanted);
  const total = expShifted(logits, logits, V, 1);
  const factor: f32 = scale / total;
  const factor4 = f32x4.splat(factor);
  const vectors = logits + ((<usize>(V & ~3)) << 2);
  const end = logits + ((<usize>V) << 2);
  let at = logits;
  for (; at < vectors; at += 16) v128.store(at, f32x4.mul(v128.load(at), factor4));
  for (; at < end; at += 4) store<f32>(at, load<f32>(at) * factor);
  store<f32>(wanted, load<f32>(wanted) - scale);
  return <f64>largest - <f64>logit + ln(<f64>total);
}
