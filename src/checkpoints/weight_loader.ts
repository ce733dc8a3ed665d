import type { Parameter } from '../architecture/gpt2/parameters.js';
import type { BlockType, TensorType } from '../dtypes/tensor_types.js';

/** Receives the weights of a model while they are read. */
export interface WeightLoader {
  /**
   * Whether the parameter's blocks of this type are passed as they are stored; all others are decoded to F32
   * first.
   */
  takesBlocks(parameter: Parameter, type: BlockType): boolean;
  /**
   * Packs whole row groups of one parameter in stored order (a vector is one row): `bytes` holds exactly
   * `rowCount` rows, little-endian. It is valid only during the call and need not be aligned to its numbers.
   * Throws `invalid-file` for a number that is not finite, `unsupported` for one that is too large for the
   * format in memory; both name the parameter.
   */
  pack(parameter: Parameter, firstRow: number, rowCount: number, bytes: Uint8Array, type: TensorType): void;
}
