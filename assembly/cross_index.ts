/* The forward pass of models with cross-attention; compiled into one binary with index.ts. */
export { forward } from './models/decoder';
