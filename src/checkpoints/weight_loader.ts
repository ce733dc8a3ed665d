import type { Parameter } from '../architecture/gpt2/parameters.js';
import type { BlockType, TensorType } from '../dtypes/tensor_types.js';

/** Takes the weights as they stream in. */
export interface WeightLoader {
  /** Whether the parameter's blocks of this type are wanted as they are stored; all others come decoded, in F32. */
  takesBlocks(parameter: Parameter, type: BlockType): boolean;
  /**
   * Whole row groups of one parameter in stored order (a vector is one row), `bytes` holding exactly rowCount rows, little-endian.
   * `bytes` is valid only during the call, and need not be aligned to its numbers. Throws `invalid-file` for a number
   * that is not finite, `unsupported` for one that is too large for the format in memory; both name the parameter.
   */
  pack(parameter: Parameter, firstRow: number, rowCount: number, bytes: Uint8Array, type: TensorType): void;
}
