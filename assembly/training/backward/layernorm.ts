import { NORM_STATISTICS_BYTES } from '../abi';
import { rstd, mean } from '../../kernels/layernorm';
import { madd, sumLanes } from '../../simd';

/**
 * dx[rows, C] += the gradient of layer norm's input x, from that of its output, dy; stores the mean and rstd
 * of each row in `statistics` for `layernormWeights`. Strides in bytes.
 */
export function layernormInput(
  dx: usize,
  dy: usize,
  x: usize,
  stride: usize,
  rows: i32,
  weight: usize,
  C: i32,
  epsilon: f32,
  statistics: usize,
): void {
  const vectors = (<usize>(C >> 2)) << 4;
  const bytes = (<usize>C) << 2;
  const share: f32 = 1 / <f32>C;
  for (let row = 0; row < rows; row++) {
    const center = mean(x, C);
    const scale = rstd(x, C, center, epsilon);
    store<f32>(statistics, center);
    store<f32>(statistics, scale, 4);
    const center4 = f32x4.splat(center);
    const scale4 = f32x4.splat(scale);

    // With g = dy weight and n = (x - mean) scale: dx += scale (g - mean(g) - n mean(g n)).
    let sums = f32x4.splat(0);
    let products = f32x4.splat(0);
    for (let i: usize = 0; i < vectors; i += 16) {
      const g = f32x4.mul(v128.load(dy + i), v128.load(weight + i));
      const n = f32x4.mul(f32x4.sub(v128.load(x + i), center4), scale4);
      sums = f32x4.add(sums, g);
      products = madd(g, n, products);
    }
    let sum = sumLanes(sums);
    let product = sumLanes(products);
    for (let i = vectors; i < bytes; i += 4) {
      const g = load<f32>(dy + i) * load<f32>(weight + i);
      sum += g;
      product += g * (load<f32>(x + i) - center) * scale;
    }
    sum *= share;
    product *= share;

    const sum4 = f32x4.splat(sum);
    const product4 = f32x4.splat(-product);
    for (let i: usize = 0; i < vectors; i += 16) {
      const g = f32x4.mul(v128.load(dy + i), v128.load(weight + i));
      const n = f32x4.mul(f32x4.sub(v128.load(x + i), center4), scale4);
      const inner = madd(n, product4, f32x4.sub(g, sum4));
      v128.store(dx + i, madd(inner, scale4, v128.load(dx + i)));
    }
    for (let i = vectors; i < bytes; i += 4) {
      const g = load<f32>(dy + i) * load<f32>(weight + i);
      const n = (load<f32>(x + i) - center) * scale;
      store<f32>(dx + i, load<f32>(dx + i) + (g - sum - n * product) * scale);
    }
    dx += stride;
    dy += stride;
    x += stride;
    statistics += NORM_STATISTICS_BYTES;
  }
}

/**
 * Columns first.. end - 1 of dweight[C] += sum of dy n and dbias[C] += sum of dy over the rows, in order.
 * `first` is a multiple of 4.
 */
export function layernormWeights(
  dweight: usize,
  dbias: usize,
  dy: usize,
  x: usize,
  stride: usize,
  rows: i32,
  first: i32,
  end: i32,
  statistics: usize,
): void {
  const from = (<usize>first) << 2;
  const bytes = (<usize>end) << 2;
  const vectors = from + ((bytes - from) & ~15);
  for (let row = 0; row < rows; row++) {
    const center = load<f32>(statistics);
    const scale = load<f32>(statistics, 4);
    const center4 = f32x4.splat(center);
    const scale4 = f32x4.splat(scale);
    for (let i = from; i < vectors; i += 16) {
      const g = v128.load(dy + i);
      const n = f32x4.mul(f32x4.sub(v128.load(x + i), center4), scale4);
      v128.store(dweight + i, madd(g, n, v128.load(dweight + i)));
      v128.store(dbias + i, f32x4.add(g, v128.load(dbias + i)));
    }
    for (let i = vectors; i < bytes; i += 4) {
      const g = load<f32>(dy + i);
      const n = (load<f32>(x + i) - center) * scale;
      store<f32>(dweight + i, load<f32>(dweight + i) + g * n);
      store<f32>(dbias + i, load<f32>(dbias + i) + g);
    }
    dy += stride;
    x += stride;
    statistics += NORM_STATISTICS_BYTES;
  }
}
