import { KEY_BLOCK, QUERY_TILE } from './kernels/attention';
import { padded } from './layout';

export { allowTallTiles } from './kernels/matmul_f32';
export { decode, packConv1d, packLinear, packRows } from './kernels/pack';
export { packConv1dQ4, packLinearQ4, packLinearQ4_0 } from './kernels/pack_q4';
export { packConv1dQ8, packLinearQ8 } from './kernels/pack_q8';
export { argmax, logSumExp, softmax, topK } from './kernels/reduce';
export { forward, head } from './transformer';

/** Where the memory that the caller plans may begin. */
export function heapBase(): usize {
  return (__heap_base + 63) & ~63;
}

/** Bytes that attention needs besides its inputs and outputs. */
export function attentionScratchBytes(headSize: i32): usize {
  return (<usize>QUERY_TILE * (KEY_BLOCK + padded(headSize) + 2)) << 2;
}
