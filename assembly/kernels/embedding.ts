import { PANEL, PANEL_BYTES } from '../layout';

/**
 * out[rows, C] = wte[tokens[row]] + wpe[start + row].
 *
 * `wte` is the head's matrix, in panels of 16 vocabulary columns; `wpe` has rows `rowStride` bytes apart, as `out`.
 */
export function embed(
  out: usize,
  rowStride: usize,
  tokens: usize,
  rows: i32,
  start: i32,
  wte: usize,
  wpe: usize,
  C: i32,
): void {
  const panelStride = <usize>C * PANEL_BYTES;
  for (let row = 0; row < rows; row++) {
    const token = load<i32>(tokens + ((<usize>row) << 2));
    let column = wte + <usize>(token / PANEL) * panelStride + ((<usize>(token % PANEL)) << 2);
    let position = wpe + <usize>(start + row) * rowStride;
    for (let o = out, end = out + ((<usize>C) << 2); o < end; o += 4) {
      store<f32>(o, load<f32>(column) + load<f32>(position));
      column += PANEL_BYTES;
      position += 4;
    }
    out += rowStride;
  }
}
