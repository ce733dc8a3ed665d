import { KV_F16, KV_F32, KV_Q8, PAGE, padded, pagePartBytes } from '../abi';
import { addValuesQ8, queryBytes, quantizeQuery, scoresQ8, valuesScratchBytes } from './attention/q8';
import { beginRow, endRow, raiseMaximum, rowStateBytes, weigh } from './attention/running_softmax';
import { touchPart } from './attention/touch';
import { widenPart } from './attention/widen';
import { matmul } from './formats/f32/matmul';
import { keyPanelBytes, valuePanelBytes, valuesOffset } from './kv/layout';
import { maximum } from './maximum';

/** Queries whose scores are computed at once; a multiple of the rows of all tiles of products. */
// @ts-ignore: decorator
@inline
const TILE: i32 = 12;

// @ts-ignore: decorator
@inline
const SCORE_STRIDE: usize = PAGE << 2;

/** Bytes of scratch for `attendHead` with up to `rows` rows, a multiple of 16. */
export function attentionScratchBytes(rows: i32, headSize: i32): usize {
  const q8 = queryBytes(headSize) * rows + valuesScratchBytes(TILE, headSize);
  const bytes = max(<usize>pagePartBytes(KV_F32, headSize), q8);
  return (SCORE_STRIDE * TILE + rowStateBytes(headSize) * rows + bytes + 15) & ~15;
}

/** `attendHead` or `attendToAll`: keys after a row's own position are left out only if `causal`. */
// @ts-ignore: decorator
@inline
function attend(
  format: i32,
  out: usize,
  outStride: usize,
  q: usize,
  qStride: usize,
  rows: i32,
  start: i32,
  keys: i32,
  pages: usize,
  partOffset: usize,
  headSize: i32,
  scale: f32,
  scratch: usize,
  causal: bool,
): void {
  const stateBytes = rowStateBytes(headSize);
  const queryStride = queryBytes(headSize);
  const keyStride = keyPanelBytes(KV_F32, headSize);
  const valueStride = valuePanelBytes(KV_F32);
  const scores = scratch;
  const states = scores + SCORE_STRIDE * TILE;
  const queries = states + stateBytes * rows; // q8
  const valuesScratch = queries + queryStride * rows; // q8
  const widened = queries; // f16

  for (let row = 0; row < rows; row++) {
    beginRow(states + stateBytes * row, headSize);
    if (format == KV_Q8) quantizeQuery(queries + queryStride * row, q + qStride * row, headSize, scale);
  }
  const scoreScale: f32 = format == KV_Q8 ? 1 : scale;
  for (let first = 0; first < keys; first += PAGE) {
    let part = <usize>load<u32>(pages) + partOffset;
    const written = min(PAGE, keys - first);
    if (format != KV_F32) store<i32>(scores, touchPart(format, part, written, headSize));
    if (format == KV_F16) {
      widenPart(widened, part, written, headSize);
      part = widened;
    }
    const values = part + valuesOffset(KV_F32, headSize);
    for (let row = causal ? max(0, first - start) : 0; row < rows; row += TILE) {
      const height = min(TILE, rows - row);
      const visible = start + row + 1 - first; // to the first row of the tile, if causal
      const count = causal ? min(PAGE, visible + height - 1) : written;
      const sums = states + stateBytes * row;
      if (format == KV_Q8) {
        scoresQ8(scores, SCORE_STRIDE, queries + queryStride * row, height, part, headSize, count);
      } else {
        const tileQ = q + qStride * row;
        matmul(scores, SCORE_STRIDE, tileQ, qStride, height, part, keyStride, 0, headSize, count, false);
      }
      for (let r = 0; r < height; r++) {
        const valid = causal ? min(count, visible + r) : count;
        const rowScores = scores + SCORE_STRIDE * r;
        const state = sums + stateBytes * r;
        const m = raiseMaximum(state, headSize, maximum(rowScores, valid) * scoreScale);
        weigh(state, headSize, rowScores, valid, padded(count), scoreScale, m);
      }
      if (format == KV_Q8) {
        addValuesQ8(sums, stateBytes, scores, SCORE_STRIDE, height, part, headSize, count, valuesScratch);
      } else {
        matmul(sums, stateBytes, scores, SCORE_STRIDE, height, values, valueStride, 0, count, headSize, true);
      }
    }
    pages += 4;
  }
  for (let row = 0; row < rows; row++) endRow(out + outStride * row, states + stateBytes * row, headSize);
}

/**
 * Causal attention of one head: out[rows, headSize] = softmax(scale q . K^T) . V, where row i is position
 * start + i and sees the positions up to its own. `pages` is an array of addresses (u32); page p holds the
 * positions from PAGE p on, this head's part `partOffset` bytes after its address (kv/layout.ts).
 *
 * Each page is read once for all rows. Rows keep a running maximum and sum, so no row of all scores is
 * stored: Milakov and Gimelshein 2018; Dao et al. 2022. Pages begin at fixed positions, so the result depends
 * neither on how a sequence is cut into calls nor on the number of rows.
 *
 * `scratch` has `attentionScratchBytes`.
 */
export function attendHead(
  format: i32,
  out: usize,
  outStride: usize,
  q: usize,
  qStride: usize,
  rows: i32,
  start: i32,
  pages: usize,
  partOffset: usize,
  headSize: i32,
  scale: f32,
  scratch: usize,
): void {
  const keys = start + rows;
  attend(format, out, outStride, q, qStride, rows, start, keys, pages, partOffset, headSize, scale, scratch, true);
}

/** As `attendHead`, but each row sees all of the `keys` positions that the pages hold. */
export function attendToAll(
  format: i32,
  out: usize,
  outStride: usize,
  q: usize,
  qStride: usize,
  rows: i32,
  keys: i32,
  pages: usize,
  partOffset: usize,
  headSize: i32,
  scale: f32,
  scratch: usize,
): void {
  attend(format, out, outStride, q, qStride, rows, 0, keys, pages, partOffset, headSize, scale, scratch, false);
}
