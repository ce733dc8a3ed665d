import { PANEL, PANEL_BYTES } from '../../../abi';

/** Rows `stride` bytes apart into rows of `columns` f32: the way back from `packRows`. */
export function unpackRows(out: usize, src: usize, stride: usize, rows: i32, columns: i32): void {
  const bytes = (<usize>columns) << 2;
  for (let row = 0; row < rows; row++) {
    memory.copy(out, src, bytes);
    out += bytes;
    src += stride;
  }
}

/** Rows firstRow.. of a matrix stored [K, N] (Conv1D) from its panels: the way back from `packConv1d`. */
export function unpackConv1d(out: usize, panels: usize, firstRow: i32, rows: i32, K: i32, N: i32): void {
  const panelStride = (<usize>K) * PANEL_BYTES;
  let src = panels + (<usize>firstRow) * PANEL_BYTES;
  for (let row = 0; row < rows; row++) {
    let s = src;
    for (let n = 0; n < N; n += PANEL) {
      const bytes = (<usize>min(PANEL, N - n)) << 2;
      memory.copy(out, s, bytes);
      out += bytes;
      s += panelStride;
    }
    src += PANEL_BYTES;
  }
}

/**
 * Rows firstRow.. of a matrix stored [N, K] from the panels of its transpose: the way back from `packLinear`.
 */
export function unpackLinear(out: usize, panels: usize, firstRow: i32, rows: i32, K: i32): void {
  const panelStride = (<usize>K) * PANEL_BYTES;
  for (let n = firstRow; n < firstRow + rows; n++) {
    let s = panels + (<usize>(n / PANEL)) * panelStride + ((<usize>(n % PANEL)) << 2);
    for (let k = 0; k < K; k++) {
      store<f32>(out, load<f32>(s));
      s += PANEL_BYTES;
      out += 4;
    }
  }
}
