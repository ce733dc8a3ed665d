import type { WeightedAdapter } from '../../architecture/gpt2/lora.js';
import type { Cancellation } from '../../base/cancellation.js';
import { Gpt2Error } from '../../base/errors.js';
import { notForgotten, whenForgotten } from '../../base/finalization.js';
import type { CacheUse, KvCache, LogitsRow, ModelCore, WantedLogits } from '../types.js';
import type { WasmCore } from '../wasm_core.js';
import { planAdapters } from './adapter_place.js';

/** Memory for adapters. */
interface Region {
  readonly address: number;
  readonly bytes: number;
}

/** Regions that no adapters are in any longer, by the core that they belong to. */
const free = new WeakMap<WasmCore, Region[]>();

/** A function that holds the region, and nothing else that was near it. */
const backTo = (regions: Region[], region: Region) => () => void regions.push(region);

/** A core with adapters beside its weights, which it shares with the core that was loaded. */
export class AdaptedCore implements ModelCore {
  readonly base: WasmCore;
  #region: Region | undefined;
  /** Calls under way, which read the adapters. */
  #calls = 0;

  /** Throws `disposed`, `out-of-memory` and, for adapters that overflow, `invalid-file`. */
  constructor(base: WasmCore, adapters: readonly WeightedAdapter[]) {
    this.base = base;
    const { memory } = base;
    const plan = planAdapters(base.config, adapters);
    const regions = free.get(base) ?? [];
    free.set(base, regions);
    const found = regions.findIndex(({ bytes }) => bytes >= plan.bytes);
    const region =
      found < 0
        ? { address: base.reserve(plan.bytes, 'adapters'), bytes: plan.bytes }
        : regions.splice(found, 1)[0]!;
    plan.write(memory, region.address);
    this.#region = region;
    whenForgotten(this, backTo(regions, region));
  }

  get config() {
    return this.base.config;
  }

  get blockSize() {
    return this.base.blockSize;
  }

  get build() {
    return this.base.build;
  }

  get weights() {
    return this.base.weights;
  }

  get threads() {
    return this.base.threads;
  }

  get memoryBytes() {
    return this.base.memoryBytes;
  }

  async takeCache(use: CacheUse, signal?: Cancellation): Promise<KvCache | undefined> {
    return this.base.takeCache(use, signal, this.#alive.address);
  }

  takeCacheNow(): KvCache | undefined {
    return this.base.takeCacheNow(this.#alive.address);
  }

  async forward(
    cache: KvCache,
    tokens: readonly number[],
    start: number,
    wanted?: WantedLogits,
    signal?: Cancellation,
  ): Promise<boolean> {
    const region = this.#alive;
    this.#calls++;
    try {
      return await this.base.forward(cache, tokens, start, wanted, signal);
    } finally {
      if (--this.#calls === 0 && this.#region === undefined) this.#giveBack(region);
    }
  }

  present(logits: Float32Array, read: (row: LogitsRow) => void, signal?: Cancellation): Promise<boolean> {
    return this.base.present(logits, read, signal);
  }

  /** Gives the adapters' memory back for other adapters of the same core. */
  dispose(): void {
    const region = this.#region;
    this.#region = undefined;
    notForgotten(this);
    if (region !== undefined && this.#calls === 0) this.#giveBack(region);
  }

  #giveBack(region: Region): void {
    free.get(this.base)!.push(region);
  }

  get #alive(): Region {
    if (this.#region !== undefined) return this.#region;
    throw new Gpt2Error('disposed', 'the model with these adapters was disposed; make it again');
  }
}
