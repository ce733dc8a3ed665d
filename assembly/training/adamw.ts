import { SQUARES_CHUNK } from './abi';
import { madd } from '../simd';

/**
 * partials[chunk] (f64) = the sum of squares of a chunk of x, for chunks first.. end - 1 of `count` f32, a
 * multiple of 4.
 */
export function sumSquares(partials: usize, x: usize, count: usize, first: i32, end: i32): void {
  for (let chunk = first; chunk < end; chunk++) {
    const from = (<usize>chunk) * SQUARES_CHUNK;
    let at = x + (from << 2);
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (const stop = x + (min(from + SQUARES_CHUNK, count) << 2); at < stop; at += 16) {
      const v = v128.load(at);
      const a = f64x2.promote_low_f32x4(v);
      const b = f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0));
      low = f64x2.add(low, f64x2.mul(a, a));
      high = f64x2.add(high, f64x2.mul(b, b));
    }
    const sums = f64x2.add(low, high);
    store<f64>(partials + ((<usize>chunk) << 3), f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1));
  }
}

/** The numbers of one update; filled in by src/core/training/structs.ts. */
@unmanaged
export class Update {
  /** Factor of the gradients, for clipping. */
  gradientScale: f32;
  beta1: f32;
  beta2: f32;
  /** 1 - beta1, computed in f64. */
  oneMinusBeta1: f32;
  /** 1 - beta2 */
  oneMinusBeta2: f32;
  learningRate: f32;
  /** learning rate / (1 - beta1^t) */
  stepSize: f32;
  /** 1 / sqrt(1 - beta2^t) */
  inverseCorrection: f32;
  epsilon: f32;
  /** 1 - learning rate x weight decay */
  decayFactor: f32;
}

/**
 * One step of AdamW on `bytes` bytes of f32, a multiple of 16; the gradients become 0. With `decay`, weights
 * shrink by `decayFactor` first. Loshchilov and Hutter 2019, with the arithmetic of PyTorch's implementation.
 */
export function adamw(update: Update, w: usize, g: usize, m: usize, v: usize, bytes: usize, decay: bool): void {
  const gradientScale = f32x4.splat(update.gradientScale);
  const beta1 = f32x4.splat(update.beta1);
  const beta2 = f32x4.splat(update.beta2);
  const oneMinusBeta1 = f32x4.splat(update.oneMinusBeta1);
  const oneMinusBeta2 = f32x4.splat(update.oneMinusBeta2);
  const step = f32x4.splat(-update.stepSize);
  const correction = f32x4.splat(update.inverseCorrection);
  const epsilon = f32x4.splat(update.epsilon);
  const decay4 = f32x4.splat(decay ? update.decayFactor : 1);
  for (let i: usize = 0; i < bytes; i += 16) {
    const gradient = f32x4.mul(v128.load(g + i), gradientScale);
    const first = madd(gradient, oneMinusBeta1, f32x4.mul(v128.load(m + i), beta1));
    const second = madd(f32x4.mul(gradient, gradient), oneMinusBeta2, f32x4.mul(v128.load(v + i), beta2));
    const deviation = madd(f32x4.sqrt(second), correction, epsilon);
    const weight = f32x4.mul(v128.load(w + i), decay4);
    v128.store(w + i, madd(step, f32x4.div(first, deviation), weight));
    v128.store(m + i, first);
    v128.store(v + i, second);
    v128.store(g + i, f32x4.splat(0));
  }
}
