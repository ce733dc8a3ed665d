/*
 * Exports of the binary that computes the forward pass in parts, between which the caller reads and changes numbers.
 * It is linked with the memory of a model that index.ts runs: its own data lies where that binary has none.
 */
export { allowTallTiles } from './kernels/formats/f32/matmul';
export { preferDotAdd } from './kernels/formats/q8/matmul';
export { pattern, scores, weightedValues } from './tracing/attention';
export {
  activateHidden,
  attend,
  embedBatch,
  embedRow,
  finalNorm,
  keepWantedRows,
  logits,
  matrixColumn,
  normalize,
  product,
} from './tracing/parts';

/** First address after the data of this binary. */
export function dataEnd(): usize {
  return __heap_base;
}
