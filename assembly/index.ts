/* Exports of every core; the forward pass is in plain_index.ts or in cross_index.ts. */
import { attentionScratchBytes } from './kernels/attention';
import { productScratchBytes } from './kernels/formats';

export { decode } from './kernels/decode';
export { packBlocks, packConv1d, packLinear } from './kernels/formats';
export { allowTallTiles } from './kernels/formats/f32/matmul';
export { packRows } from './kernels/formats/f32/pack';
export { preferDotAdd } from './kernels/formats/q8/matmul';
export { copyPositions } from './kernels/kv/copy';
export { largestMagnitude } from './kernels/magnitude';
export { argmax } from './kernels/maximum';
export { measure } from './kernels/measure';
export { logSumExp, softmax } from './kernels/softmax';
export { blockSums, bucketSums } from './kernels/sums';
export { topK } from './kernels/top_k';
export { head } from './models/decoder';
export { announceJob, awaitJob, joinThreads, sharedBytes } from './threads';

/** Below this lie the data of this binary and of that of trace_index.ts, which may join its memory. */
const PLAN_BASE: usize = 8192;

/** First address that the caller may plan memory from. */
export function heapBase(): usize {
  return max(PLAN_BASE, (__heap_base + 63) & ~63);
}

/**
 * Bytes of scratch that each thread needs for up to `rows` positions and matrices with inputs up to
 * `longestInput`.
 */
export function threadScratchBytes(rows: i32, headSize: i32, longestInput: i32): usize {
  return (max(attentionScratchBytes(rows, headSize), productScratchBytes(rows, longestInput)) + 63) & ~63;
}
