import { Gpt2Error } from '../errors.js';
import type { CoreMemory } from './memory.js';
import type { KvCache } from './types.js';

/** A place for keys and values in core memory; `giveBack` takes it when the cache is released. */
export class WasmKvCache implements KvCache {
  /** Address of the adapters that its positions are evaluated with, or 0. */
  readonly adapters: number;
  #address: number | undefined;
  readonly #bytes: number;
  readonly #memory: CoreMemory;
  readonly #giveBack: (address: number) => void;

  constructor(
    memory: CoreMemory,
    address: number,
    bytes: number,
    adapters: number,
    giveBack: (address: number) => void,
  ) {
    this.adapters = adapters;
    this.#memory = memory;
    this.#address = address;
    this.#bytes = bytes;
    this.#giveBack = giveBack;
  }

  get address(): number {
    if (this.#address === undefined) throw new Gpt2Error('disposed', 'this KV cache was released');
    return this.#address;
  }

  copyFrom(other: KvCache): void {
    const from = (other as WasmKvCache).address;
    this.#memory.bytes(this.address, this.#bytes).set(this.#memory.bytes(from, this.#bytes));
  }

  release(): void {
    if (this.#address !== undefined) this.#giveBack(this.#address);
    this.#address = undefined;
  }
}
