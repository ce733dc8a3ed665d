import { scale1, signedScale1 } from '../half';
import {
  BLOCK,
  PANEL,
  PANEL_BYTES,
  Q4_BLOCK_BYTES,
  Q4_SCALES_BYTES,
  Q8_BLOCK_BYTES,
  Q8_SCALES_BYTES,
  WEIGHTS_Q4,
  WEIGHTS_Q8,
  panelBytes,
} from '../layout';

/** out[C] = a column of an f32 panel + position[C]. */
// @ts-ignore: decorator
@inline
function addColumn(out: usize, position: usize, panel: usize, column: usize, C: i32): void {
  let weight = panel + (column << 2);
  for (const end = out + ((<usize>C) << 2); out < end; out += 4) {
    store<f32>(out, load<f32>(weight) + load<f32>(position));
    weight += PANEL_BYTES;
    position += 4;
  }
}

/** As `addColumn`, of a q8 panel. */
// @ts-ignore: decorator
@inline
function addColumnQ8(out: usize, position: usize, panel: usize, column: usize, C: i32): void {
  for (let c = 0; c < C; c++) {
    const block = panel + <usize>(c / BLOCK) * Q8_BLOCK_BYTES;
    const k = <usize>(c % BLOCK);
    const weight = load<i8>(block + Q8_SCALES_BYTES + ((k & ~3) << 4) + (column << 2) + (k & 3));
    const at = (<usize>c) << 2;
    store<f32>(out + at, <f32>weight * scale1(block + (column << 1)) + load<f32>(position + at));
  }
}

/** As `addColumn`, of a q4 panel. */
// @ts-ignore: decorator
@inline
function addColumnQ4(out: usize, position: usize, panel: usize, column: usize, C: i32): void {
  for (let c = 0; c < C; c++) {
    const block = panel + <usize>(c / BLOCK) * Q4_BLOCK_BYTES;
    const k = <usize>(c % BLOCK);
    const pair = load<u8>(block + Q4_SCALES_BYTES + ((k & 12) << 4) + (column << 2) + (k & 3));
    const weight = <i32>(k < 16 ? pair & 15 : pair >> 4) - 8;
    const at = (<usize>c) << 2;
    store<f32>(out + at, <f32>weight * signedScale1(block + (column << 1)) + load<f32>(position + at));
  }
}

/**
 * out[rows, C] = wte[tokens[row]] + wpe[start + row].
 *
 * `wte` is the head's matrix in the format `weights`, in panels of 16 vocabulary columns; `wpe` has rows `rowStride`
 * bytes apart, as `out`.
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
    if (weights == WEIGHTS_Q8) addColumnQ8(out, position, panel, column, C);
    else if (weights == WEIGHTS_Q4) addColumnQ4(out, position, panel, column, C);
    else addColumn(out, position, panel, column, C);
    out += rowStride;
  }
}
