import { PANEL, PANEL_BYTES } from '../../abi';

/**
 * Channels first.. end - 1 of dwte[tokens[row]] += dx[row] and dwpe[row % T] += dx[row], rows in order.
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
  C: i32,
  first: i32,
  end: i32,
): void {
  const panelStride = (<usize>C) * PANEL_BYTES;
  const from = (<usize>first) << 2;
  const bytes = (<usize>end) << 2;
  for (let row = 0; row < rows; row++) {
    const token = load<i32>(tokens + ((<usize>row) << 2));
    const position = dwpe + rowStride * (row % T);
    let column = dwte + <usize>(token / PANEL) * panelStride + ((<usize>(token % PANEL)) << 2);
    column += (<usize>first) * PANEL_BYTES;
    for (let i = from; i < bytes; i += 4) {
      const d = load<f32>(dx + i);
      store<f32>(column, load<f32>(column) + d);
      store<f32>(position + i, load<f32>(position + i) + d);
      column += PANEL_BYTES;
    }
    dx += rowStride;
  }
}
