import type { WeightedAdapter } from '../../architecture/gpt2/lora.js';
import { addProduct } from '../../architecture/gpt2/lora.js';
import type { Parameter } from '../../architecture/gpt2/parameters.js';
import { Gpt2Error } from '../../base/errors.js';
import { areFinite } from '../../base/finite.js';
import type { WeightLoader } from '../../checkpoints/weight_loader.js';
import { decode } from '../../dtypes/decode.js';
import type { BlockType, TensorType } from '../../dtypes/tensor_types.js';

/** The sum of the changes that some adapters make to a model's weights. */
export class AdapterSum {
  readonly #adapters: readonly WeightedAdapter[];

  constructor(adapters: readonly WeightedAdapter[]) {
    this.#adapters = adapters;
  }

  changes({ name }: Parameter): boolean {
    return this.#adapters.some(({ adapter }) => adapter.pairs.has(name));
  }

  /** Adds the sum to whole rows of a parameter, from `firstRow` on. */
  addTo(parameter: Parameter, values: Float32Array, firstRow: number): void {
    for (const { adapter, weight } of this.#adapters) {
      const pair = adapter.pairs.get(parameter.name);
      if (pair !== undefined)
        addProduct(pair, weight * pair.scale, values, firstRow, parameter.kind === 'conv1d');
    }
  }
}

/** Adds adapters to weights and passes the sums to another loader. */
export class MergingLoader implements WeightLoader {
  readonly #loader: WeightLoader;
  readonly #sum: AdapterSum;

  constructor(loader: WeightLoader, sum: AdapterSum) {
    this.#loader = loader;
    this.#sum = sum;
  }

  /** Blocks of parameters without adapters are passed unchanged. */
  takesBlocks(parameter: Parameter, type: BlockType): boolean {
    return !this.#sum.changes(parameter) && this.#loader.takesBlocks(parameter, type);
  }

  pack(parameter: Parameter, firstRow: number, rowCount: number, bytes: Uint8Array, type: TensorType): void {
    if (!this.#sum.changes(parameter)) {
      this.#loader.pack(parameter, firstRow, rowCount, bytes, type);
      return;
    }
    const values = new Float32Array(rowCount * parameter.shape[1]!);
    decode(type, bytes, values);
    if (!areFinite(values)) {
      throw new Gpt2Error('invalid-file', `${parameter.name} has a weight that is NaN or infinite`);
    }
    this.#sum.addTo(parameter, values, firstRow);
    if (!areFinite(values)) {
      throw new Gpt2Error(
        'invalid-file',
        `${parameter.name} overflows when the adapters are added: their numbers are too large`,
      );
    }
    this.#loader.pack(parameter, firstRow, rowCount, new Uint8Array(values.buffer), 'F32');
  }
}
