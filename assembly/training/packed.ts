import { PANEL_GROUP } from './abi';
import { panelBytes } from '../kernels/formats';
import { matmul } from '../kernels/formats/f32/matmul';
import { unpackPanel, unpackTransposed } from '../kernels/formats/unpack_blocks';
import { PANEL, PANEL_BYTES, WEIGHTS_F32, padded } from '../abi';
import { Matrix } from '../models/structs';
import { PackedWeights, Training } from './structs';
import { blockRows, stretch } from './matmul';

/*
 * Products with matrices in a quantized format. Their panels are unpacked to f32 in scratch, a stretch of a few at a time;
 * the sums are those of the same numbers in f32, in the same order.
 */

/** The format of the weights at an address. */
// @ts-ignore: decorator
@inline
export function formatOf(training: Training, weight: usize): i32 {
  if (!training.packed) return WEIGHTS_F32;
  const packed = changetype<PackedWeights>(training.packed);
  return weight - packed.weights < packed.weightBytes ? packed.format : WEIGHTS_F32;
}

/** As `matmulForward`, with w in the format `weights`; `scratch`: PANELS_BYTES. */
export function matmulForwardPacked(
  weights: i32,
  out: usize,
  outStride: usize,
  x: usize,
  xStride: usize,
  rows: i32,
  matrix: Matrix,
  firstPanel: i32,
  endPanel: i32,
  scratch: usize,
): void {
  const K = matrix.K;
  const longest = stretch(K);
  const block = blockRows(longest);
  for (let panel = firstPanel; panel < endPanel; panel += PANEL_GROUP) {
    const count = min(PANEL_GROUP, endPanel - panel);
    const offset = (<usize>panel) * PANEL_BYTES;
    const bias = matrix.bias ? matrix.bias + offset : 0;
    for (let from = 0; from < K; from += longest) {
      const depth = min(longest, K - from);
      const panelStride = (<usize>padded(depth)) * PANEL_BYTES;
      for (let i = 0; i < count; i++) {
        const own = matrix.weight + panelBytes(weights, K) * (panel + i);
        unpackPanel(weights, scratch + panelStride * i, own, from, depth);
      }
      for (let row = 0; row < rows; row += block) {
        matmul(
          out + offset + outStride * row,
          outStride,
          x + xStride * row + ((<usize>from) << 2),
          xStride,
          min(block, rows - row),
          scratch,
          panelStride,
          from > 0 ? 0 : bias,
          depth,
          count * PANEL,
          from > 0,
        );
      }
    }
  }
}

/** As `panelOfTranspose`, of a matrix in the format `weights`; rows up to a whole panel are written. */
export function panelOfPackedTranspose(
  weights: i32,
  out: usize,
  w: usize,
  K: i32,
  first: i32,
  from: i32,
  depth: i32,
): void {
  const panelStride = panelBytes(weights, K);
  let panel = w + <usize>(from / PANEL) * panelStride;
  for (let n = 0; n < depth; n += PANEL) {
    unpackTransposed(weights, out, panel, first);
    panel += panelStride;
    out += PANEL_BYTES * PANEL;
  }
}
