import type { WeightedAdapter } from '../../architecture/gpt2/lora.js';
import { addProduct } from '../../architecture/gpt2/lora.js';
import type { WeightSlot } from '../../architecture/gpt2/parameters.js';
import { Gpt2Error } from '../../base/errors.js';
import { areFinite } from '../../base/finite.js';
import type { WeightLoader } from '../../checkpoints/weight_loader.js';
import { decode } from '../../dtypes/decode.js';
import type { BlockType, TensorType } from '../../dtypes/tensor_types.js';

/** What some adapters together add to a model's weights. */
export class AdapterSum {
  readonly #adapters: readonly WeightedAdapter[];

  constructor(adapters: readonly WeightedAdapter[]) {
    this.#adapters = adapters;
  }

  changes({ name }: WeightSlot): boolean {
    return this.#adapters.some(({ adapter }) => adapter.pairs.has(name));
  }

  /** Adds it to whole rows of a slot, firstRow and those after it. */
  addTo(slot: WeightSlot, values: Float32Array, firstRow: number): void {
    for (const { adapter, weight } of this.#adapters) {
      const pair = adapter.pairs.get(slot.name);
      if (pair !== undefined) addProduct(pair, weight * pair.scale, values, firstRow, slot.kind === 'conv1d');
    }
  }
}

/** Adds adapters to the weights on their way to another sink. */
export class MergingLoader implements WeightLoader {
  readonly #sink: WeightLoader;
  readonly #sum: AdapterSum;

  constructor(sink: WeightLoader, sum: AdapterSum) {
    this.#sink = sink;
    this.#sum = sum;
  }

  /** Blocks that nothing is added to stay as they are. */
  takesBlocks(slot: WeightSlot, type: BlockType): boolean {
    return !this.#sum.changes(slot) && this.#sink.takesBlocks(slot, type);
  }

  pack(slot: WeightSlot, firstRow: number, rowCount: number, bytes: Uint8Array, type: TensorType): void {
    if (!this.#sum.changes(slot)) {
      this.#sink.pack(slot, firstRow, rowCount, bytes, type);
      return;
    }
    const values = new Float32Array(rowCount * slot.shape[1]!);
    decode(type, bytes, values);
    if (!areFinite(values)) {
      throw new Gpt2Error('invalid-file', `${slot.name} has a weight that is NaN or infinite`);
    }
    this.#sum.addTo(slot, values, firstRow);
    if (!areFinite(values)) {
      throw new Gpt2Error(
        'invalid-file',
        `${slot.name} overflows when the adapters are added: their numbers are too large`,
      );
    }
    this.#sink.pack(slot, firstRow, rowCount, new Uint8Array(values.buffer), 'F32');
  }
}
