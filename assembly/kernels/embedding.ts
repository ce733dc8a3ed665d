import { PANEL } from '../abi';
import { addColumn, panelBytes } from './formats';

/**
 * out[rows, C] = wte[tokens[row]] + wpe[start + row].
 *
 * `wte` [C, V] is in the format `weights`, in panels of 16 tokens; `wpe` [T, C] has rows `rowStride` bytes
 * apart, as `out`.
 */
export function embed(
  out: usize,
  rowStride: usize,
  tokens: usize,
  rows: i32,
  start: i32,
  weights: i32,
  wte: usize,
  wpe: usize,
  C: i32,
): void {
  const panelStride = panelBytes(weights, C);
  for (let row = 0; row < rows; row++) {
    const token = load<i32>(tokens + ((<usize>row) << 2));
    const panel = wte + <usize>(token / PANEL) * panelStride;
    const column = <usize>(token % PANEL);
    const position = wpe + <usize>(start + row) * rowStride;
    addColumn(weights, out, position, panel, column, C);
    out += rowStride;
  }
}
