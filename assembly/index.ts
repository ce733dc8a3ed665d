export { attentionScratchBytes } from './kernels/attention';
export { allowTallTiles } from './kernels/matmul_f32';
export { decode, packConv1d, packLinear, packRows } from './kernels/pack';
export { packConv1dQ8, packLinearQ8 } from './kernels/pack_q8';
export { argmax, logSumExp, softmax, topK } from './kernels/reduce';
export { announceJob, awaitJob, joinThreads, sharedBytes } from './threads';
export { forward, head } from './transformer';

/** Where the memory that the caller plans may begin. */
export function heapBase(): usize {
  return (__heap_base + 63) & ~63;
}
