import { signedScale1, signedScales4 } from '../../half';
import { BLOCK, PANEL, PANEL_BYTES, Q4_BLOCK_BYTES, Q8_BLOCK_BYTES, WEIGHTS_Q4 } from '../../abi';
import { blocks, SCALES_BYTES } from './blocks';

/*
 * From blocks of a quantized format back to f32. Every number is a small integer times a scale in half precision, which
 * f32 holds exactly.
 */

// @ts-ignore: decorator
@inline
function blockBytes(weights: i32): usize {
  return weights == WEIGHTS_Q4 ? Q4_BLOCK_BYTES : Q8_BLOCK_BYTES;
}

/** Bytes of a group: 4 k of PANEL columns. */
// @ts-ignore: decorator
@inline
const GROUP_BYTES: usize = 4 * <usize>PANEL;

/** Integers of 4 columns and 4 k, [columns][k], of group `group` of 16 k of a block: the first or the second half. */
// @ts-ignore: decorator
@inline
function integers(weights: i32, block: usize, half: i32, group: usize, column: usize): v128 {
  const at = block + SCALES_BYTES + GROUP_BYTES * group + (column << 2);
  if (weights != WEIGHTS_Q4) return v128.load(at + (half ? 4 * GROUP_BYTES : 0));
  const pairs = v128.load(at);
  const stored = half ? i8x16.shr_u(pairs, 4) : v128.and(pairs, i8x16.splat(15));
  return i8x16.sub(stored, i8x16.splat(8));
}

/** Stores four of 16 signed bytes, as numbers times their scales, at four addresses. */
// @ts-ignore: decorator
@inline
function store4(out: usize, bytes: v128, scales0: v128, scales1: v128, scales2: v128, scales3: v128): void {
  const low = i16x8.extend_low_i8x16_s(bytes);
  const high = i16x8.extend_high_i8x16_s(bytes);
  v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(low)), scales0));
  v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(low)), scales1), PANEL_BYTES);
  v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(high)), scales2), 2 * PANEL_BYTES);
  v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(high)), scales3), 3 * PANEL_BYTES);
}

/** Half a block as f32, [16 k][16 columns]. */
// @ts-ignore: decorator
@inline
function unpackHalf(weights: i32, out: usize, block: usize, half: i32): void {
  for (let column: usize = 0; column < <usize>PANEL; column += 4) {
    const scales = signedScales4(block + (column << 1));
    for (let group: usize = 0; group < 4; group++) {
      const own = integers(weights, block, half, group, column);
      const byK = v128.shuffle<i8>(own, own, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
      store4(out + 4 * PANEL_BYTES * group + (column << 2), byK, scales, scales, scales, scales);
    }
  }
}

/** Half a block as f32, transposed: [16 columns][16 k]. */
// @ts-ignore: decorator
@inline
function unpackTransposedHalf(weights: i32, out: usize, block: usize, half: i32): void {
  for (let column: usize = 0; column < <usize>PANEL; column += 4) {
    const scales = signedScales4(block + (column << 1));
    const scales0 = v128.shuffle<i32>(scales, scales, 0, 0, 0, 0);
    const scales1 = v128.shuffle<i32>(scales, scales, 1, 1, 1, 1);
    const scales2 = v128.shuffle<i32>(scales, scales, 2, 2, 2, 2);
    const scales3 = v128.shuffle<i32>(scales, scales, 3, 3, 3, 3);
    for (let group: usize = 0; group < 4; group++) {
      const own = integers(weights, block, half, group, column);
      store4(out + PANEL_BYTES * column + (group << 4), own, scales0, scales1, scales2, scales3);
    }
  }
}

/** Address of the block of row k in a panel. */
// @ts-ignore: decorator
@inline
function blockOf(weights: i32, panel: usize, k: i32): usize {
  return panel + <usize>(k / BLOCK) * blockBytes(weights);
}

/** Rows k.. k + rows - 1 of a panel as f32, [rows][16], rounded up to whole PANELs of rows; k is a multiple of PANEL. */
export function unpackPanel(weights: i32, out: usize, panel: usize, k: i32, rows: i32): void {
  for (const end = k + rows; k < end; k += PANEL) {
    const half = (k / PANEL) & 1;
    if (weights == WEIGHTS_Q4) unpackHalf(WEIGHTS_Q4, out, blockOf(WEIGHTS_Q4, panel, k), half);
    else unpackHalf(weights, out, blockOf(weights, panel, k), half);
    out += PANEL_BYTES * PANEL;
  }
}

/** Rows k.. k + 15 of a panel as f32, transposed: [16 columns][16]; k is a multiple of PANEL. */
export function unpackTransposed(weights: i32, out: usize, panel: usize, k: i32): void {
  const half = (k / PANEL) & 1;
  if (weights == WEIGHTS_Q4) unpackTransposedHalf(WEIGHTS_Q4, out, blockOf(WEIGHTS_Q4, panel, k), half);
  else unpackTransposedHalf(weights, out, blockOf(weights, panel, k), half);
}

/** One weight of a panel. */
function weightAt(weights: i32, panel: usize, k: i32, column: i32): f32 {
  const block = blockOf(weights, panel, k);
  const scale = signedScale1(block + ((<usize>column) << 1));
  const own = block + SCALES_BYTES + ((<usize>column) << 2) + (k & 3);
  const group = <usize>((k % BLOCK) >> 2);
  if (weights != WEIGHTS_Q4) return <f32>load<i8>(own + GROUP_BYTES * group) * scale;
  const pair = <i32>load<u8>(own + GROUP_BYTES * (group & 3));
  return <f32>((group < 4 ? pair & 15 : pair >> 4) - 8) * scale;
}

/** Rows firstRow.. of a matrix stored [K, N] (Conv1D) from its packed panels. */
export function unpackPackedConv1d(
  weights: i32,
  out: usize,
  panels: usize,
  firstRow: i32,
  rows: i32,
  K: i32,
  N: i32,
): void {
  const panelStride = blocks(K) * blockBytes(weights);
  for (let k = firstRow; k < firstRow + rows; k++) {
    for (let n = 0; n < N; n++) {
      store<f32>(out, weightAt(weights, panels + <usize>(n / PANEL) * panelStride, k, n % PANEL));
      out += 4;
    }
  }
}

/** Rows firstRow.. of a matrix stored [N, K] from the packed panels of its transpose. */
export function unpackPackedLinear(
  weights: i32,
  out: usize,
  panels: usize,
  firstRow: i32,
  rows: i32,
  K: i32,
): void {
  const panelStride = blocks(K) * blockBytes(weights);
  for (let n = firstRow; n < firstRow + rows; n++) {
    for (let k = 0; k < K; k++) {
      store<f32>(out, weightAt(weights, panels + <usize>(n / PANEL) * panelStride, k, n % PANEL));
      out += 4;
    }
  }
}
