import { scale1 } from '../half';
import { BLOCK, PANEL, PANEL_BYTES, Q8_BLOCK_BYTES, Q8_SCALES_BYTES, blocks } from '../layout';

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

/** As `embed`, with the head's matrix in q8. */
export function embedQ8(
  out: usize,
  rowStride: usize,
  tokens: usize,
  rows: i32,
  start: i32,
  wte: usize,
  wpe: usize,
  C: i32,
): void {
  const panelStride = blocks(C) * Q8_BLOCK_BYTES;
  for (let row = 0; row < rows; row++) {
    const token = load<i32>(tokens + ((<usize>row) << 2));
    const column = <usize>(token % PANEL);
    let block = wte + <usize>(token / PANEL) * panelStride;
    const position = wpe + <usize>(start + row) * rowStride;
    for (let first = 0; first < C; first += BLOCK) {
      const scale = scale1(block + (column << 1));
      const weights = block + Q8_SCALES_BYTES + (column << 2);
      for (let c = first; c < min(first + BLOCK, C); c++) {
        const k = <usize>(c - first);
        const weight = <f32>load<i8>(weights + ((k & ~3) << 4) + (k & 3)) * scale;
        store<f32>(out + ((<usize>c) << 2), weight + load<f32>(position + ((<usize>c) << 2)));
      }
      block += Q8_BLOCK_BYTES;
    }
    out += rowStride;
  }
}
