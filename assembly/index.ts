import { attentionScratchBytes } from './kernels/attention';
import { tilePanelBytes } from './kernels/matmul_q4';
import { tileScratchBytes } from './kernels/matmul_q8_tile';

export { largestMagnitude } from './kernels/magnitude';
export { allowTallTiles } from './kernels/matmul_f32';
export { preferDotAdd } from './kernels/matmul_q8';
export { packBlocks, packConv1d, packLinear } from './kernels/formats';
export { decode, packRows } from './kernels/pack';
export { argmax, blockSums, bucketSums, logSumExp, softmax, topK } from './kernels/reduce';
export { announceJob, awaitJob, joinThreads, sharedBytes } from './threads';
export { forward, head } from './transformer';

/** Where the memory that the caller plans may begin. */
export function heapBase(): usize {
  return (__heap_base + 63) & ~63;
}

/** Bytes of scratch that each thread needs to evaluate `rows` positions with heads and inputs of matrices up to so long. */
export function threadScratchBytes(rows: i32, headSize: i32, longestInput: i32): usize {
  const ofMatrices = max(tileScratchBytes(rows), tilePanelBytes(longestInput));
  return (max(attentionScratchBytes(headSize), ofMatrices) + 63) & ~63;
}
