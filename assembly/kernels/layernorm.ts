import { madd, sumLanes } from '../simd';

/** Mean of C f32. */
// @ts-ignore: decorator
@inline
export function mean(x: usize, C: i32): f32 {
  const vectors = (<usize>(C >> 2)) << 4;
  let sums = f32x4.splat(0);
  for (let i: usize = 0; i < vectors; i += 16) sums = f32x4.add(sums, v128.load(x + i));
  let sum = sumLanes(sums);
  for (let i = vectors; i < (<usize>C) << 2; i += 4) sum += load<f32>(x + i);
  return sum / <f32>C;
}

/** rstd: 1 / sqrt(variance + epsilon) of C numbers around their mean. */
// @ts-ignore: decorator
@inline
export function rstd(x: usize, C: i32, mean: f32, epsilon: f32): f32 {
  const vectors = (<usize>(C >> 2)) << 4;
  const mean4 = f32x4.splat(mean);
  let squares = f32x4.splat(0);
  for (let i: usize = 0; i < vectors; i += 16) {
    const d = f32x4.sub(v128.load(x + i), mean4);
    squares = madd(d, d, squares);
  }
  let square = sumLanes(squares);
  for (let i = vectors; i < (<usize>C) << 2; i += 4) {
    const d = load<f32>(x + i) - mean;
    square += d * d;
  }
  return 1 / sqrt<f32>(square / <f32>C + epsilon);
}

/**
 * out[rows, C] = (x - mean) / sqrt(variance + epsilon) * weight + bias, each row by itself. Strides in bytes.
 * Ba, Kiros and Hinton 2016.
 */
export function layernorm(
  out: usize,
  outStride: usize,
  x: usize,
  xStride: usize,
  rows: i32,
  weight: usize,
  bias: usize,
  C: i32,
  epsilon: f32,
): void {
  const vectors = (<usize>(C >> 2)) << 4;
  const bytes = (<usize>C) << 2;
  for (let row = 0; row < rows; row++) {
    const center = mean(x, C);
    const scale = rstd(x, C, center, epsilon);
    const mean4 = f32x4.splat(center);
    const scale4 = f32x4.splat(scale);
    for (let i: usize = 0; i < vectors; i += 16) {
      const d = f32x4.mul(f32x4.sub(v128.load(x + i), mean4), scale4);
      v128.store(out + i, madd(d, v128.load(weight + i), v128.load(bias + i)));
    }
    for (let i = vectors; i < bytes; i += 4) {
      store<f32>(out + i, (load<f32>(x + i) - center) * scale * load<f32>(weight + i) + load<f32>(bias + i));
    }
    x += xStride;
    out += outStride;
  }
}
