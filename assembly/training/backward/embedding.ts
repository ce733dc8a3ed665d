import { addTo } from '../../kernels/embedding';
import { NO_TOKEN, PANEL, PANEL_BYTES } from '../../abi';

/** Position of a row of sequences of T, from the beginning of its document if `starts`, i32 [R], is not 0. */
// @ts-ignore: decorator
@inline
export function positionOf(row: i32, T: i32, starts: usize): i32 {
  const position = row % T;
  return starts ? position - load<i32>(starts + ((<usize>row) << 2)) : position;
}

/** Adds n numbers to one column of a panel. */
function addToColumn(column: usize, values: usize, n: i32): void {
  for (let i = 0; i < n; i++, values += 4, column += PANEL_BYTES) {
    store<f32>(column, load<f32>(column) + load<f32>(values));
  }
}

/**
 * Channels first.. end - 1 of dwte[tokens[row]] += dx[row], unless that is NO_TOKEN, and dwpe[position of row] += dx[row],
 * rows in order.
 *
 * `dwte` is in panels of vocabulary columns; `dwpe` has rows `rowStride` bytes apart, as dx.
 */
export function embedBackward(
  dwte: usize,
  dwpe: usize,
  dx: usize,
  rowStride: usize,
  tokens: usize,
  rows: i32,
  T: i32,
  starts: usize,
  C: i32,
  first: i32,
  end: i32,
): void {
  const panelStride = (<usize>C) * PANEL_BYTES;
  const from = (<usize>first) << 2;
  const count = max(0, end - first);
  for (let row = 0; row < rows; row++) {
    const token = load<i32>(tokens + ((<usize>row) << 2));
    if (token != NO_TOKEN) {
      const column = dwte + <usize>(token / PANEL) * panelStride + ((<usize>(token % PANEL)) << 2);
      addToColumn(column + (<usize>first) * PANEL_BYTES, dx + from, count);
    }
    addTo(dwpe + rowStride * positionOf(row, T, starts) + from, dx + from, count);
    dx += rowStride;
  }
}
