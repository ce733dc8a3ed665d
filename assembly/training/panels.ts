import { PANEL, PANEL_BYTES } from '../abi';
import { transpose } from '../kernels/transpose';

/*
 * Operands in panels for `matmul`: [ceil(N / 16)][K][16], panels `panelStride` bytes apart. Missing
 * columns are zero.
 */

/** Columns first.. first + columns - 1 of x[rows, ..] as panels of rows. */
export function panelsOfRows(
  out: usize,
  panelStride: usize,
  x: usize,
  xStride: usize,
  rows: i32,
  columns: i32,
): void {
  for (let first = 0; first < columns; first += PANEL) {
    const width = min(PANEL, columns - first);
    const bytes = (<usize>width) << 2;
    let from = x + ((<usize>first) << 2);
    for (let to = out, end = out + (<usize>rows) * PANEL_BYTES; to < end; to += PANEL_BYTES) {
      if (width == PANEL) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
        v128.store(to, v128.load(from, 32), 32);
        v128.store(to, v128.load(from, 48), 48);
      } else {
        memory.copy(to, from, bytes);
        memory.fill(to + bytes, 0, PANEL_BYTES - bytes);
      }
      from += xStride;
    }
    out += panelStride;
  }
}

/** The transpose of x[rows, columns] as panels whose columns are the rows of x. */
export function panelsOfColumns(
  out: usize,
  panelStride: usize,
  x: usize,
  xStride: usize,
  rows: i32,
  columns: i32,
): void {
  for (let first = 0; first < rows; first += PANEL) {
    const width = min(PANEL, rows - first);
    if (width < PANEL) memory.fill(out, 0, (<usize>columns) * PANEL_BYTES);
    transpose(out, PANEL_BYTES, x, xStride, width, columns);
    x += xStride * PANEL;
    out += panelStride;
  }
}

/**
 * One panel of the transpose of a matrix [K, N] that lies in panels: rows first.. first + 15 become columns,
 * and columns from.. from + depth - 1, `from` a multiple of 16, become rows.
 */
export function panelOfTranspose(out: usize, w: usize, K: i32, first: i32, from: i32, depth: i32): void {
  const panelStride = (<usize>K) * PANEL_BYTES;
  const width = min(PANEL, K - first);
  if (width < PANEL) memory.fill(out, 0, (<usize>depth) * PANEL_BYTES);
  let block = w + <usize>(from / PANEL) * panelStride + (<usize>first) * PANEL_BYTES;
  for (let n = 0; n < depth; n += PANEL) {
    transpose(out, PANEL_BYTES, block, PANEL_BYTES, width, min(PANEL, depth - n));
    block += panelStride;
    out += PANEL_BYTES * PANEL;
  }
}
