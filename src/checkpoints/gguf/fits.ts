import type { Parameter } from '../../architecture/gpt2/parameters.js';
import { type GgufTensor, MAX_DIMENSIONS } from './header.js';

/** Whether a tensor has the shape of a parameter. */
export function fits(tensor: GgufTensor, parameter: Parameter): boolean {
  return withAllDimensions(tensor.shape) === withAllDimensions(parameter.shape);
}

/** ggml's tensors all have four dimensions, and files leave out leading ones of size 1: [1, 32] is [32]. */
function withAllDimensions(shape: readonly number[]): string {
  return [...new Array(MAX_DIMENSIONS - shape.length).fill(1), ...shape].join();
}
