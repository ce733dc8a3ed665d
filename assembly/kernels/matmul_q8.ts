import { scales4 } from '../half';
import { PANEL, PANEL_BYTES, Q8_BLOCK_BYTES, Q8_SCALES_BYTES, blocks } from '../layout';
import { ZERO_POINT, dot8, madd } from '../simd';
import { initial } from './matmul_f32';
import { activationRowBytes } from './quantize';

/*
 * Within a block sums are whole numbers and exact; blocks are added in order, to what `initial` gives, so the
 * number of rows never changes a result. The zero point 64 of activations is taken off again with the sum of the
 * weights, sum(w (a - 64)) = w . a - 64 sum(w), which the rows of a tile share. As to pointers and the calls of a tile,
 * see matmul_f32.ts.
 */

/** sums + the weights of each pair of k, i16: over a block at most 8 x 254. */
// @ts-ignore: decorator
@inline
function addPairs(w: v128, sums: v128): v128 {
  return i16x8.add(sums, i16x8.extadd_pairwise_i8x16_s(w));
}

/** sum + whole . scale of the weights . scale of the activations; `pairs` are sums of `addPairs`. */
// @ts-ignore: decorator
@inline
function addBlock(sum: v128, product: v128, pairs: v128, weightScales: v128, scale: v128): v128 {
  const zeros = i32x4.shl(i32x4.extadd_pairwise_i16x8_s(pairs), 6);
  const whole = ZERO_POINT ? i32x4.sub(product, zeros) : product;
  return madd(f32x4.convert_i32x4_s(whole), f32x4.mul(weightScales, scale), sum);
}

/** Four rows of 8 columns from byte `half` of a panel's steps; f32 sums stay in `out` between blocks. */
function tile4(
  out: usize,
  outStride: usize,
  a: usize,
  aStride: usize,
  w: usize,
  end: usize,
  bias: usize,
  half: usize,
  accumulate: bool,
): void {
  const out0 = out + half;
  const out1 = out0 + outStride;
  const out2 = out1 + outStride;
  const out3 = out2 + outStride;
  v128.store(out0, initial(out0, bias, half, accumulate));
  v128.store(out0, initial(out0 + 16, bias, half + 16, accumulate), 16);
  v128.store(out1, initial(out1, bias, half, accumulate));
  v128.store(out1, initial(out1 + 16, bias, half + 16, accumulate), 16);
  v128.store(out2, initial(out2, bias, half, accumulate));
  v128.store(out2, initial(out2 + 16, bias, half + 16, accumulate), 16);
  v128.store(out3, initial(out3, bias, half, accumulate));
  v128.store(out3, initial(out3 + 16, bias, half + 16, accumulate), 16);
  let a0 = a;
  let a1 = a0 + aStride;
  let a2 = a1 + aStride;
  let a3 = a2 + aStride;
  for (; w < end; w += Q8_BLOCK_BYTES) {
    let p00 = i32x4.splat(0);
    let p01 = p00;
    let p10 = p00;
    let p11 = p00;
    let p20 = p00;
    let p21 = p00;
    let p30 = p00;
    let p31 = p00;
    let c0 = p00;
    let c1 = p00;
    let weights = w + Q8_SCALES_BYTES + half;
    const blockEnd = w + Q8_BLOCK_BYTES;
    while (weights < blockEnd) {
      const w0 = v128.load(weights);
      const w1 = v128.load(weights, 16);
      if (ZERO_POINT) {
        c0 = addPairs(w0, c0);
        c1 = addPairs(w1, c1);
      }
      let input = v128.load32_splat(a0);
      p00 = dot8(w0, input, p00);
      p01 = dot8(w1, input, p01);
      input = v128.load32_splat(a1);
      p10 = dot8(w0, input, p10);
      p11 = dot8(w1, input, p11);
      input = v128.load32_splat(a2);
      p20 = dot8(w0, input, p20);
      p21 = dot8(w1, input, p21);
      input = v128.load32_splat(a3);
      p30 = dot8(w0, input, p30);
      p31 = dot8(w1, input, p31);
      weights += 64;
      a0 += 4;
      a1 += 4;
      a2 += 4;
      a3 += 4;
    }
    const scales = w + (half >> 1);
    const scales0 = scales4(scales);
    const scales1 = scales4(scales + 8);
    let scale = v128.load32_splat(a0);
    v128.store(out0, addBlock(v128.load(out0), p00, c0, scales0, scale));
    v128.store(out0, addBlock(v128.load(out0, 16), p01, c1, scales1, scale), 16);
    scale = v128.load32_splat(a1);
    v128.store(out1, addBlock(v128.load(out1), p10, c0, scales0, scale));
    v128.store(out1, addBlock(v128.load(out1, 16), p11, c1, scales1, scale), 16);
    scale = v128.load32_splat(a2);
    v128.store(out2, addBlock(v128.load(out2), p20, c0, scales0, scale));
    v128.store(out2, addBlock(v128.load(out2, 16), p21, c1, scales1, scale), 16);
    scale = v128.load32_splat(a3);
    v128.store(out3, addBlock(v128.load(out3), p30, c0, scales0, scale));
    v128.store(out3, addBlock(v128.load(out3, 16), p31, c1, scales1, scale), 16);
    a0 += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
  }
}

/** One row of 16 columns, reading the panel as one unbroken stream: the memory's speed is the limit here. */
// @ts-ignore: decorator
@inline
function row16(out: usize, a: usize, w: usize, end: usize, bias: usize, accumulate: bool): void {
  let s0 = initial(out, bias, 0, accumulate);
  let s1 = initial(out + 16, bias, 16, accumulate);
  let s2 = initial(out + 32, bias, 32, accumulate);
  let s3 = initial(out + 48, bias, 48, accumulate);
  while (w < end) {
    const scales = w;
    const blockEnd = w + Q8_BLOCK_BYTES;
    w += Q8_SCALES_BYTES;
    let p0 = i32x4.splat(0);
    let p1 = p0;
    let p2 = p0;
    let p3 = p0;
    let c0 = p0;
    let c1 = p0;
    let c2 = p0;
    let c3 = p0;
    while (w < blockEnd) {
      const input = v128.load32_splat(a);
      p0 = dot8(v128.load(w), input, p0);
      p1 = dot8(v128.load(w, 16), input, p1);
      p2 = dot8(v128.load(w, 32), input, p2);
      p3 = dot8(v128.load(w, 48), input, p3);
      if (ZERO_POINT) {
        c0 = addPairs(v128.load(w), c0);
        c1 = addPairs(v128.load(w, 16), c1);
        c2 = addPairs(v128.load(w, 32), c2);
        c3 = addPairs(v128.load(w, 48), c3);
      }
      w += 64;
      a += 4;
    }
    const scale = v128.load32_splat(a);
    s0 = addBlock(s0, p0, c0, scales4(scales), scale);
    s1 = addBlock(s1, p1, c1, scales4(scales + 8), scale);
    s2 = addBlock(s2, p2, c2, scales4(scales + 16), scale);
    s3 = addBlock(s3, p3, c3, scales4(scales + 24), scale);
    a += 4;
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
}

/**
 * out[rows, N] = a[rows, K] . w[K, N] (+ bias[N]) (+ out), with `a` as `quantizeRows` and `w` as pack_q8.ts leaves it.
 *
 * Whole panels are written, so rows of `out`, `outStride` bytes apart, and `bias` have room for N rounded up to 16;
 * `bias` may be 0.
 */
export function matmulQ8(
  out: usize,
  outStride: usize,
  a: usize,
  rows: i32,
  w: usize,
  bias: usize,
  K: i32,
  N: i32,
  accumulate: bool,
): void {
  const aStride = activationRowBytes(K);
  const panelStride = blocks(K) * Q8_BLOCK_BYTES;
  for (let n = 0; n < N; n += PANEL) {
    const end = w + panelStride;
    let row = 0;
    for (; row + 4 <= rows; row += 4) {
      const tileOut = out + outStride * row;
      const tileA = a + aStride * row;
      tile4(tileOut, outStride, tileA, aStride, w, end, bias, 0, accumulate);
      tile4(tileOut, outStride, tileA, aStride, w, end, bias, 32, accumulate);
    }
    for (; row < rows; row++) row16(out + outStride * row, a + aStride * row, w, end, bias, accumulate);
    out += PANEL_BYTES;
    w = end;
    if (bias) bias += PANEL_BYTES;
  }
}
