import { PANEL_GROUP, STRETCH, TRANSPOSED_LENGTH } from './abi';
import { matmul } from '../kernels/formats/f32/matmul';
import { transpose } from '../kernels/transpose';
import { PANEL, PANEL_BYTES, WEIGHTS_F32 } from '../abi';
import { Matrix } from '../models/structs';
import { panelOfPackedTranspose } from './packed';
import { panelOfTranspose, panelsOfRows } from './panels';

/*
 * The three products of a layer out = x . w + bias with w [K, N] in panels, as parts that threads share: each
 * writes panels firstPanel.. endPanel - 1 of its output. All use the tiles of `matmul`; an operand in another
 * layout is first packed in scratch, a few panels at a time. Strides are in bytes.
 */

/** Bytes of the operand rows that are reused for all panels, so that they stay in a core's cache. */
const BLOCK_BYTES: i32 = 384 * 1024;

/** Bytes from one row of a transposed stretch to the next. */
// @ts-ignore: decorator
@inline
export const TRANSPOSED_STRIDE: usize = (<usize>TRANSPOSED_LENGTH) << 2;

/** Length of the stretches a sum of n terms is cut into: whole panels, as equal as can be. */
export function stretch(n: i32): i32 {
  const count = (n + STRETCH - 1) / STRETCH;
  return ((n + count - 1) / count + PANEL - 1) & -PANEL;
}

/** Rows of `depth` f32 that are worked on at once: a multiple of both tile heights. */
export function blockRows(depth: i32): i32 {
  return max(12, (BLOCK_BYTES / (depth << 2) / 12) * 12);
}

/** out[rows, N] = x[rows, K] . w + bias (+ out), w and bias of `matrix`. */
export function matmulForward(
  out: usize,
  outStride: usize,
  x: usize,
  xStride: usize,
  rows: i32,
  matrix: Matrix,
  firstPanel: i32,
  endPanel: i32,
  accumulate: bool = false,
): void {
  const K = matrix.K;
  const panelStride = (<usize>K) * PANEL_BYTES;
  const columns = (endPanel - firstPanel) * PANEL;
  const offset = (<usize>firstPanel) * PANEL_BYTES;
  out += offset;
  const w = matrix.weight + (<usize>firstPanel) * panelStride;
  const bias = matrix.bias ? matrix.bias + offset : 0;
  const longest = stretch(K);
  const block = blockRows(longest);
  for (let row = 0; row < rows; row += block) {
    for (let from = 0; from < K; from += longest) {
      matmul(
        out + outStride * row,
        outStride,
        x + xStride * row + ((<usize>from) << 2),
        xStride,
        min(block, rows - row),
        w + (<usize>from) * PANEL_BYTES,
        panelStride,
        from > 0 ? 0 : bias,
        min(longest, K - from),
        columns,
        accumulate || from > 0,
      );
    }
  }
}

/**
 * dx[rows, K] = dy[rows, N] . transpose of the matrix's w, in the format `weights` (+ dx); panels of dx. `scratch`:
 * PANELS_BYTES.
 */
export function matmulInput(
  dx: usize,
  dxStride: usize,
  dy: usize,
  dyStride: usize,
  rows: i32,
  matrix: Matrix,
  firstPanel: i32,
  endPanel: i32,
  scratch: usize,
  accumulate: bool = false,
  weights: i32 = WEIGHTS_F32,
): void {
  const w = matrix.weight;
  const K = matrix.K;
  const N = matrix.N;
  const longest = stretch(N);
  const block = blockRows(longest);
  for (let from = 0; from < N; from += longest) {
    const depth = min(longest, N - from);
    const panelStride = (<usize>depth) * PANEL_BYTES;
    const terms = dy + ((<usize>from) << 2);
    for (let panel = firstPanel; panel < endPanel; panel += PANEL_GROUP) {
      const count = min(PANEL_GROUP, endPanel - panel);
      for (let i = 0; i < count; i++) {
        const first = (panel + i) * PANEL;
        if (weights == WEIGHTS_F32) panelOfTranspose(scratch + panelStride * i, w, K, first, from, depth);
        else panelOfPackedTranspose(weights, scratch + panelStride * i, w, K, first, from, depth);
      }
      const out = dx + (<usize>panel) * PANEL_BYTES;
      for (let row = 0; row < rows; row += block) {
        const height = min(block, rows - row);
        matmul(
          out + dxStride * row,
          dxStride,
          terms + dyStride * row,
          dyStride,
          height,
          scratch,
          panelStride,
          0,
          depth,
          count * PANEL,
          accumulate || from > 0,
        );
      }
    }
  }
}

/**
 * Rows of the stretches in which the gradient of a weight over `rows` rows is summed, one after the other.
 */
export function weightStretch(rows: i32): i32 {
  return stretch(rows);
}

/**
 * Columns first.. end - 1 of x[rows, K] as rows of `out`, TRANSPOSED_STRIDE bytes apart; at most STRETCH
 * rows. The operand of `matmulWeight`.
 */
export function transposeInput(out: usize, x: usize, xStride: usize, rows: i32, first: i32, end: i32): void {
  transpose(out + TRANSPOSED_STRIDE * first, TRANSPOSED_STRIDE, x + ((<usize>first) << 2), xStride, rows, end - first);
}

/** bias[16] += the sum of a panel's rows, in order. */
function addRows(bias: usize, panel: usize, rows: i32): void {
  let s0 = v128.load(bias);
  let s1 = v128.load(bias, 16);
  let s2 = v128.load(bias, 32);
  let s3 = v128.load(bias, 48);
  for (const end = panel + (<usize>rows) * PANEL_BYTES; panel < end; panel += PANEL_BYTES) {
    s0 = f32x4.add(s0, v128.load(panel));
    s1 = f32x4.add(s1, v128.load(panel, 16));
    s2 = f32x4.add(s2, v128.load(panel, 32));
    s3 = f32x4.add(s3, v128.load(panel, 48));
  }
  v128.store(bias, s0);
  v128.store(bias, s1, 16);
  v128.store(bias, s2, 32);
  v128.store(bias, s3, 48);
}

/**
 * dw[K, N] += transpose of x . dy[rows, N] and, unless 0, dbias[N] += the sum of dy's rows; panels of dw and
 * dbias, whose missing columns stay zero. `transposed` comes from `transposeInput`; `scratch`: PANELS_BYTES.
 */
export function matmulWeight(
  dw: usize,
  dbias: usize,
  transposed: usize,
  dy: usize,
  dyStride: usize,
  rows: i32,
  K: i32,
  N: i32,
  firstPanel: i32,
  endPanel: i32,
  scratch: usize,
): void {
  const panelStride = (<usize>rows) * PANEL_BYTES;
  const outPanelStride = (<usize>K) * PANEL_BYTES;
  const block = blockRows(rows);
  for (let panel = firstPanel; panel < endPanel; panel += PANEL_GROUP) {
    const count = min(PANEL_GROUP, endPanel - panel);
    const column = panel * PANEL;
    panelsOfRows(scratch, panelStride, dy + ((<usize>column) << 2), dyStride, rows, min(count * PANEL, N - column));
    if (dbias) {
      for (let i = 0; i < count; i++) {
        addRows(dbias + <usize>(panel + i) * PANEL_BYTES, scratch + panelStride * i, rows);
      }
    }
    for (let k = 0; k < K; k += block) {
      const height = min(block, K - k);
      for (let i = 0; i < count; i++) {
        matmul(
          dw + outPanelStride * (panel + i) + (<usize>k) * PANEL_BYTES,
          PANEL_BYTES,
          transposed + TRANSPOSED_STRIDE * k,
          TRANSPOSED_STRIDE,
          height,
          scratch + panelStride * i,
          panelStride,
          0,
          rows,
          PANEL,
          true,
        );
      }
    }
  }
}
