/* Exports of training beside those of index.ts; both are compiled into one binary. */
export { trainingScratchBytes } from './training/abi';
export { unpackConv1d, unpackLinear, unpackRows } from './kernels/formats/f32/unpack';
export { unpackPackedConv1d, unpackPackedLinear } from './kernels/formats/unpack_blocks';
export { quantize } from './training/quantize';
export { backwardPass, forwardPass, gradientSquares, headPass, update } from './training/train';
