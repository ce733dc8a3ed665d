import type { WeightedAdapter } from '../../architecture/gpt2/lora.js';
import type { Cancellation } from '../../base/cancellation.js';
import { Gpt2Error } from '../../base/errors.js';
import { cancelOnCollected, onCollected } from '../../base/finalization.js';
import type { AdapterHost, CacheUse, KvCache, ModelCore, Region } from '../types.js';
import { planAdapters } from './adapter_place.js';

/** A callback that keeps only the region and the list alive, and not the scope in which it was created. */
const giveBackTo = (regions: Region[], region: Region) => () => void regions.push(region);

/**
 * A core with adapters beside its weights. It shares weights, threads and caches with its host, the core that
 * was loaded.
 */
export class AdaptedCore implements ModelCore {
  readonly adapterHost: AdapterHost;
  #region: Region | undefined;
  /** Running calls that read the adapters. */
  #calls = 0;

  /** Throws `disposed`, `out-of-memory` and, for adapters that overflow, `invalid-file`. */
  constructor(host: AdapterHost, adapters: readonly WeightedAdapter[]) {
    this.adapterHost = host;
    const plan = planAdapters(host.config, adapters);
    const region = takeRegion(host, plan.bytes);
    plan.write(host.memory, region.address);
    this.#region = region;
    onCollected(this, giveBackTo(host.freeRegions, region));
  }

  get config() {
    return this.adapterHost.config;
  }

  get blockSize() {
    return this.adapterHost.blockSize;
  }

  get build() {
    return this.adapterHost.build;
  }

  get weights() {
    return this.adapterHost.weights;
  }

  get threads() {
    return this.adapterHost.threads;
  }

  get memoryBytes() {
    return this.adapterHost.memoryBytes;
  }

  async takeCache(use: CacheUse, signal?: Cancellation): Promise<KvCache | undefined> {
    return this.adapterHost.takeCache(use, signal, this.#adapters.address);
  }

  takeCacheNow(): KvCache | undefined {
    return this.adapterHost.takeCacheNow(this.#adapters.address);
  }

  async forward(...call: Parameters<ModelCore['forward']>): Promise<boolean> {
    const region = this.#adapters;
    this.#calls++;
    try {
      return await this.adapterHost.forward(...call);
    } finally {
      if (--this.#calls === 0 && this.#region === undefined) this.#giveBack(region);
    }
  }

  present(...call: Parameters<ModelCore['present']>): Promise<boolean> {
    return this.adapterHost.present(...call);
  }

  /** Gives the adapters' memory back for other adapters of the same host. */
  dispose(): void {
    const region = this.#region;
    this.#region = undefined;
    cancelOnCollected(this);
    if (region !== undefined && this.#calls === 0) this.#giveBack(region);
  }

  #giveBack(region: Region): void {
    this.adapterHost.freeRegions.push(region);
  }

  get #adapters(): Region {
    if (this.#region !== undefined) return this.#region;
    throw new Gpt2Error('disposed', 'the model with these adapters was disposed; make it again');
  }
}

/** The first free region that is large enough, or a new one. */
function takeRegion(host: AdapterHost, bytes: number): Region {
  const found = host.freeRegions.findIndex((region) => region.bytes >= bytes);
  if (found < 0) return { address: host.reserve(bytes, 'adapters'), bytes };
  return host.freeRegions.splice(found, 1)[0]!;
}
