import { BLOCK, PANEL, Q4_BLOCK_BYTES, Q8_BLOCK_BYTES, blocks } from '../layout';
import { pack4ColumnsQ4, packColumnQ4, packWholeColumnQ4 } from './pack_q4';
import { pack4ColumnsQ8, packColumnQ8, packWholeColumnQ8 } from './pack_q8';

// @ts-ignore: decorator
@inline
function blockBytes(q4: bool): usize {
  return q4 ? Q4_BLOCK_BYTES : Q8_BLOCK_BYTES;
}

// @ts-ignore: decorator
@inline
function packColumn(q4: bool, block: usize, column: i32, src: usize, stride: usize, count: i32): void {
  if (q4) packColumnQ4(block, column, src, stride, count);
  else packColumnQ8(block, column, src, stride, count);
}

// @ts-ignore: decorator
@inline
function packConv1dBlocks(q4: bool, panels: usize, src: usize, firstRow: i32, rows: i32, K: i32, N: i32): void {
  const panelStride = blocks(K) * blockBytes(q4);
  const stride = (<usize>N) << 2;
  for (let row = 0; row < rows; row += BLOCK) {
    const count = min(BLOCK, rows - row);
    const blockRow = panels + <usize>((firstRow + row) / BLOCK) * blockBytes(q4);
    let n = 0;
    for (; n + 4 <= N; n += 4) {
      const block = blockRow + <usize>(n / PANEL) * panelStride;
      if (q4) pack4ColumnsQ4(block, n % PANEL, src + ((<usize>n) << 2), stride, count);
      else pack4ColumnsQ8(block, n % PANEL, src + ((<usize>n) << 2), stride, count);
    }
    for (; n < N; n++) {
      const block = blockRow + <usize>(n / PANEL) * panelStride;
      packColumn(q4, block, n % PANEL, src + ((<usize>n) << 2), stride, count);
    }
    src += stride * BLOCK;
  }
}

// @ts-ignore: decorator
@inline
function packLinearBlocks(q4: bool, panels: usize, src: usize, firstRow: i32, rows: i32, K: i32): void {
  const panelStride = blocks(K) * blockBytes(q4);
  for (let n = firstRow; n < firstRow + rows; n++) {
    let block = panels + <usize>(n / PANEL) * panelStride;
    for (let k = 0; k < K; k += BLOCK) {
      const column = src + ((<usize>k) << 2);
      if (K - k < BLOCK) packColumn(q4, block, n % PANEL, column, 4, K - k);
      else if (q4) packWholeColumnQ4(block, n % PANEL, column);
      else packWholeColumnQ8(block, n % PANEL, column);
      block += blockBytes(q4);
    }
    src += (<usize>K) << 2;
  }
}

/** As `packConv1d`, into q8: firstRow is a multiple of 32, and so is `rows` except at the end. */
export function packConv1dQ8(panels: usize, src: usize, firstRow: i32, rows: i32, K: i32, N: i32): void {
  packConv1dBlocks(false, panels, src, firstRow, rows, K, N);
}

/** As `packConv1dQ8`, into q4. */
export function packConv1dQ4(panels: usize, src: usize, firstRow: i32, rows: i32, K: i32, N: i32): void {
  packConv1dBlocks(true, panels, src, firstRow, rows, K, N);
}

/** As `packLinear`, into q8. */
export function packLinearQ8(panels: usize, src: usize, firstRow: i32, rows: i32, K: i32): void {
  packLinearBlocks(false, panels, src, firstRow, rows, K);
}

/** As `packLinear`, into q4. */
export function packLinearQ4(panels: usize, src: usize, firstRow: i32, rows: i32, K: i32): void {
  packLinearBlocks(true, panels, src, firstRow, rows, K);
}
