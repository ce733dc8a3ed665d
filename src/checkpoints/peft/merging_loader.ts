import { type Parameter, rowGroup } from '../../architecture/gpt2/parameters.js';
import type { BlockType, TensorType } from '../../dtypes/tensor_types.js';
import { READ_CHUNK_BYTES } from '../load_weights.js';
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
    const rowBytes = merged.bytes.length / merged.rowCount;
    // A loader takes chunks as they are read; a merged parameter may come whole.
    const group = rowGroup(parameter.kind);
    const most = Math.max(group, Math.floor(READ_CHUNK_BYTES / rowBytes / group) * group);
    for (let row = 0; row < merged.rowCount; row += most) {
      const count = Math.min(most, merged.rowCount - row);
      const part = merged.bytes.subarray(row * rowBytes, (row + count) * rowBytes);
      this.#loader.pack(parameter, merged.firstRow + row, count, part, merged.dtype);
    }
  }
}
