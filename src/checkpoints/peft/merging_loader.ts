import type { Parameter } from '../../architecture/gpt2/parameters.js';
import type { BlockType, TensorType } from '../../dtypes/tensor_types.js';
import type { WeightLoader } from '../weight_loader.js';
import { type AdapterSum, Merger } from './adapter_sum.js';

/** Merges adapters into weights and passes the results to another loader. */
export class MergingLoader implements WeightLoader {
  readonly #loader: WeightLoader;
  readonly #merger: Merger;

  constructor(loader: WeightLoader, sum: AdapterSum) {
    this.#loader = loader;
    this.#merger = new Merger(sum);
  }

  /** Blocks of parameters without adapters are passed unchanged. */
  takesBlocks(parameter: Parameter, type: BlockType): boolean {
    return !this.#merger.changes(parameter) && this.#loader.takesBlocks(parameter, type);
  }

  pack(parameter: Parameter, firstRow: number, rowCount: number, bytes: Uint8Array, dtype: TensorType): void {
    const merged = this.#merger.merge({ parameter, firstRow, rowCount, bytes, dtype });
    if (merged === undefined) return;
    this.#loader.pack(parameter, merged.firstRow, merged.rowCount, merged.bytes, merged.dtype);
  }
}
