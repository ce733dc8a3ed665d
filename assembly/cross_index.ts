/*
 * The forward pass of models with cross-attention, the memories that it reads, and encoders; compiled into one binary
 * with index.ts.
 */
export { remember } from './models/cross_attention';
export { forward } from './models/crossing_decoder';
export { encode } from './models/encoder';
