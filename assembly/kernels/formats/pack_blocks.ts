import { BLOCK, PANEL, Q4_BLOCK_BYTES, Q8_BLOCK_BYTES, WEIGHTS_Q4 } from '../../abi';
import { blocks } from './blocks';
import { pack4ColumnsQ4, packWholeColumnQ4 } from './q4/pack';
import { pack4ColumnsQ8, packWholeColumnQ8 } from './q8/pack';

/*
 * Packing f32 into a quantized format, whose blocks all have the same form: PANEL scales (f16), then groups
 * of 4 bytes for each of PANEL columns.
 */

/** Bytes of the scales at the start of a block. */
// @ts-ignore: decorator
@inline
const SCALES_BYTES: usize = 2 * PANEL;

function blockBytes(weights: i32): usize {
  return weights == WEIGHTS_Q4 ? Q4_BLOCK_BYTES : Q8_BLOCK_BYTES;
}

/**
 * Packs 4 columns from `column` on, whose rows are `stride` bytes apart: `count` rows, and zeros after them.
 */
function pack4Columns(weights: i32, block: usize, column: i32, src: usize, stride: usize, count: i32): void {
  if (weights == WEIGHTS_Q4) pack4ColumnsQ4(block, column, src, stride, count);
  else pack4ColumnsQ8(block, column, src, stride, count);
}

/** Packs BLOCK consecutive weights as one column. */
function packWholeColumn(weights: i32, block: usize, column: i32, src: usize): void {
  if (weights == WEIGHTS_Q4) packWholeColumnQ4(block, column, src);
  else packWholeColumnQ8(block, column, src);
}

/** Rows of one column beside three columns of zeros, and the block that they make. */
const ROWS = memory.data(16 * 32, 16);
const PACKED = memory.data(544, 16);

/** Packs one column: `count` weights, `stride` bytes apart, and zeros after them. */
function packColumn(weights: i32, block: usize, column: i32, src: usize, stride: usize, count: i32): void {
  for (let k = 0; k < count; k++) store<f32>(ROWS + ((<usize>k) << 4), load<f32>(src + stride * k));
  pack4Columns(weights, PACKED, 0, ROWS, 16, count);
  store<u16>(block + ((<usize>column) << 1), load<u16>(PACKED));
  for (let group: usize = SCALES_BYTES; group < blockBytes(weights); group += 4 * PANEL) {
    store<u32>(block + group + ((<usize>column) << 2), load<u32>(PACKED + group));
  }
}

/** As `packConv1d` of formats.ts. */
export function packConv1dBlocks(
  weights: i32,
  panels: usize,
  src: usize,
  firstRow: i32,
  rows: i32,
  K: i32,
  N: i32,
): void {
  const panelStride = blocks(K) * blockBytes(weights);
  const stride = (<usize>N) << 2;
  for (let row = 0; row < rows; row += BLOCK) {
    const count = min(BLOCK, rows - row);
    const blockRow = panels + <usize>((firstRow + row) / BLOCK) * blockBytes(weights);
    let n = 0;
    for (; n + 4 <= N; n += 4) {
      const block = blockRow + <usize>(n / PANEL) * panelStride;
      pack4Columns(weights, block, n % PANEL, src + ((<usize>n) << 2), stride, count);
    }
    for (; n < N; n++) {
      const block = blockRow + <usize>(n / PANEL) * panelStride;
      packColumn(weights, block, n % PANEL, src + ((<usize>n) << 2), stride, count);
    }
    src += stride * BLOCK;
  }
}

/** As `packLinear` of formats.ts. */
export function packLinearBlocks(
  weights: i32,
  panels: usize,
  src: usize,
  firstRow: i32,
  rows: i32,
  K: i32,
): void {
  const panelStride = blocks(K) * blockBytes(weights);
  for (let n = firstRow; n < firstRow + rows; n++) {
    let block = panels + <usize>(n / PANEL) * panelStride;
    for (let k = 0; k < K; k += BLOCK) {
      const column = src + ((<usize>k) << 2);
      if (K - k < BLOCK) packColumn(weights, block, n % PANEL, column, 4, K - k);
      else packWholeColumn(weights, block, n % PANEL, column);
      block += blockBytes(weights);
    }
    src += (<usize>K) << 2;
  }
}
