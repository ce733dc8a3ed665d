import { decode } from '../weights/gguf/decode.js';
import type { BlockType, TensorType } from '../weights/gguf/types.js';
import type { WeightSink, WeightSlot } from '../weights/slots.js';
import { addProduct, type LoraAdapter } from './lora.js';

/** An adapter with what its change is multiplied by. */
export interface WeightedAdapter {
  readonly adapter: LoraAdapter;
  readonly weight: number;
}

/** Adds adapters to the weights on their way to another sink. */
export class MergingSink implements WeightSink {
  readonly #sink: WeightSink;
  readonly #adapters: readonly WeightedAdapter[];

  constructor(sink: WeightSink, adapters: readonly WeightedAdapter[]) {
    this.#sink = sink;
    this.#adapters = adapters;
  }

  /** Blocks that nothing is added to stay as they are. */
  takesBlocks(slot: WeightSlot, type: BlockType): boolean {
    return this.#changesOf(slot).length === 0 && this.#sink.takesBlocks(slot, type);
  }

  pack(slot: WeightSlot, firstRow: number, rowCount: number, bytes: Uint8Array, type: TensorType): void {
    const changes = this.#changesOf(slot);
    if (changes.length === 0) {
      this.#sink.pack(slot, firstRow, rowCount, bytes, type);
      return;
    }
    const values = new Float32Array(rowCount * slot.shape[1]!);
    decode(type, bytes, values);
    for (const { pair, weight } of changes) {
      addProduct(pair, weight * pair.scale, values, firstRow, slot.kind === 'conv1d');
    }
    this.#sink.pack(slot, firstRow, rowCount, new Uint8Array(values.buffer), 'F32');
  }

  #changesOf({ name }: WeightSlot) {
    return this.#adapters.flatMap(({ adapter, weight }) => {
      const pair = adapter.pairs.get(name);
      return pair === undefined ? [] : [{ pair, weight }];
    });
  }
}
