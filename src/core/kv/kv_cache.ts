import { Gpt2Error } from '../../base/errors.js';
import { cancelOnCollected, onCollected } from '../../base/finalization.js';
import type { Lease } from '../../base/leases.js';
import type { CoreMemory } from '../memory.js';
import type { KvCache } from '../types.js';

/**
 * Keys and values at an address of core memory, which is also given back if the cache is collected without
 * `release`.
 */
export class WasmKvCache implements KvCache {
  /** Address of the adapters with which its positions are evaluated, or 0. */
  readonly adapters: number;
  readonly #lease: Lease<number>;
  readonly #bytes: number;
  readonly #memory: CoreMemory;
  #working = false;
  #released = false;

  constructor(memory: CoreMemory, lease: Lease<number>, bytes: number, adapters: number) {
    this.adapters = adapters;
    this.#memory = memory;
    this.#lease = lease;
    this.#bytes = bytes;
    onCollected(this, () => lease.end());
  }

  copyFrom(other: KvCache): void {
    const from = (other as WasmKvCache).#address;
    this.#memory.bytes(this.#address, this.#bytes).set(this.#memory.bytes(from, this.#bytes));
  }

  rest(): void {
    this.#lease.rest();
  }

  resume(): boolean {
    return this.#lease.resume();
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    cancelOnCollected(this);
    if (!this.#working) this.#lease.end();
  }

  /**
   * Runs `work` with the cache's address. If `release` is called meanwhile, the memory is kept until `work`
   * ends.
   */
  async use<R>(work: (address: number) => Promise<R>): Promise<R> {
    const address = this.#address;
    this.#working = true;
    try {
      return await work(address);
    } finally {
      this.#working = false;
      if (this.#released) this.#lease.end();
    }
  }

  get #address(): number {
    if (this.#released) throw new Gpt2Error('disposed', 'this KV cache was released');
    return this.#lease.item;
  }
}
