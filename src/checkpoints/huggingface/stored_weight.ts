import type { Parameter } from '../../architecture/gpt2/parameters.js';
import type { Dtype } from '../../dtypes/tensor_types.js';
import type { StoredTensor } from '../safetensors/read.js';

/** Formats of numbers that are read from safetensors. */
export const DTYPES: readonly string[] = ['F32', 'F16', 'BF16'] satisfies Dtype[];

/** A parameter and the tensor of its name, if there is one. */
export interface FoundTensor {
  readonly parameter: Parameter;
  readonly tensor: StoredTensor | undefined;
}
