/* The forward pass of models with cross-attention, and encoders; compiled into one binary with index.ts. */
export { forward } from './models/decoder';
export { encode } from './models/encoder';
