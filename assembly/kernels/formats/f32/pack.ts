import { PANEL, PANEL_BYTES } from '../../../abi';

/** Rows of `columns` f32 into rows of `out`, `stride` bytes apart. */
export function packRows(out: usize, stride: usize, src: usize, rows: i32, columns: i32): void {
  const bytes = (<usize>columns) << 2;
  for (let row = 0; row < rows; row++) {
    memory.copy(out, src, bytes);
    out += stride;
    src += bytes;
  }
}

/** Rows firstRow.. of a matrix stored [K, N] (Conv1D) into panels. */
export function packConv1dF32(panels: usize, src: usize, firstRow: i32, rows: i32, K: i32, N: i32): void {
  const panelStride = (<usize>K) * PANEL_BYTES;
  let out = panels + (<usize>firstRow) * PANEL_BYTES;
  for (let row = 0; row < rows; row++) {
    let o = out;
    for (let n = 0; n < N; n += PANEL) {
      const bytes = (<usize>min(PANEL, N - n)) << 2;
      memory.copy(o, src, bytes);
      src += bytes;
      o += panelStride;
    }
    out += PANEL_BYTES;
  }
}

/** Four columns from `column` on, given by rows of K that are `stride` bytes apart. */
// @ts-ignore: decorator
@inline
function pack4Columns(column: usize, src: usize, stride: usize, K: i32): void {
  const end = src + ((<usize>(K & ~3)) << 2);
  for (; src < end; src += 16) {
    const c0 = v128.load(src);
    const c1 = v128.load(src + stride);
    const c2 = v128.load(src + 2 * stride);
    const c3 = v128.load(src + 3 * stride);
    const low01 = v128.shuffle<i32>(c0, c1, 0, 4, 1, 5);
    const low23 = v128.shuffle<i32>(c2, c3, 0, 4, 1, 5);
    const high01 = v128.shuffle<i32>(c0, c1, 2, 6, 3, 7);
    const high23 = v128.shuffle<i32>(c2, c3, 2, 6, 3, 7);
    v128.store(column, v128.shuffle<i64>(low01, low23, 0, 2));
    v128.store(column, v128.shuffle<i64>(low01, low23, 1, 3), PANEL_BYTES);
    v128.store(column, v128.shuffle<i64>(high01, high23, 0, 2), 2 * PANEL_BYTES);
    v128.store(column, v128.shuffle<i64>(high01, high23, 1, 3), 3 * PANEL_BYTES);
    column += 4 * PANEL_BYTES;
  }
  for (let k = K & ~3; k < K; k++) {
    for (let i: usize = 0; i < 4; i++) store<f32>(column + (i << 2), load<f32>(src + i * stride));
    column += PANEL_BYTES;
    src += 4;
  }
}

/**
 * Rows firstRow.. of a matrix stored [N, K] (a linear layer, the token embedding) into panels of its
 * transpose.
 */
export function packLinearF32(panels: usize, src: usize, firstRow: i32, rows: i32, K: i32): void {
  const panelStride = (<usize>K) * PANEL_BYTES;
  const stride = (<usize>K) << 2;
  const end = firstRow + rows;
  for (let n = firstRow; n < end; ) {
    let column = panels + <usize>(n / PANEL) * panelStride + ((<usize>(n % PANEL)) << 2);
    if (n % 4 == 0 && n + 4 <= end) {
      pack4Columns(column, src, stride, K);
      src += stride << 2;
      n += 4;
    } else {
      for (let k = 0; k < K; k++) {
        store<f32>(column, load<f32>(src + ((<usize>k) << 2)));
        column += PANEL_BYTES;
      }
      src += stride;
      n++;
    }
  }
}
