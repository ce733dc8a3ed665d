import type { WeightedAdapter } from '../../architecture/gpt2/lora.js';
import { Gpt2Error } from '../../base/errors.js';
import { cancelOnCollected, onCollected } from '../../base/finalization.js';
import { PageRoot } from '../kv/page.js';
import type { SequenceMemory } from '../kv/paged_sequence.js';
import { reserveMemory } from '../reserve.js';
import type {
  AdapterHost,
  AdapterNumbers,
  CoreSequence,
  Evaluated,
  Evaluation,
  ModelCore,
  Region,
  SequenceUse,
} from '../types.js';
import { type AdapterPlan, planAdapters } from './adapter_place.js';

/**
 * A callback that keeps alive only its arguments, and not the scope in which it was created. A batch may still
 * read the adapters for a sequence whose caller no longer waits.
 */
const giverBack = (host: AdapterHost, region: Region, root: PageRoot) => () =>
  host.between(() => {
    host.freeRegions.push(region);
    host.forget(root);
  });

/**
 * A core with adapters beside its weights. It shares weights, threads and pages with its host, the core that
 * was loaded.
 */
export class AdaptedCore implements ModelCore {
  readonly adapterHost: AdapterHost;
  readonly #plan: Omit<AdapterPlan, 'write'>;
  #region: Region | undefined;
  /** The pages of all texts that are evaluated with these adapters. */
  readonly #root = new PageRoot(true);
  /** Running calls that read the adapters. */
  #calls = 0;

  /** Throws `disposed`, `out-of-memory` and, for adapters that overflow, `invalid-file`. */
  constructor(host: AdapterHost, adapters: readonly WeightedAdapter[]) {
    this.adapterHost = host;
    const plan = planAdapters(host.config, adapters);
    const region = takeRegion(host, plan.bytes);
    plan.write(host.memory, region.address);
    this.#region = region;
    const { bytes, start, description } = plan;
    // Not the plan itself, which keeps the adapters that were read.
    this.#plan = { bytes, start, description };
    onCollected(this, giverBack(host, region, this.#root));
  }

  get config() {
    return this.adapterHost.config;
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

  get kvCache() {
    return this.adapterHost.kvCache;
  }

  get stats() {
    return this.adapterHost.stats;
  }

  get adapterNumbers(): AdapterNumbers {
    const { address } = this.#adapters;
    const { bytes, start, description } = this.#plan;
    return { description, region: { address: address + start, bytes: bytes - start } };
  }

  get batchTimes() {
    return this.adapterHost.batchTimes;
  }

  sequence(use: SequenceUse, isPrivate = false, memory?: SequenceMemory): CoreSequence {
    const root = isPrivate ? new PageRoot(false) : this.#root;
    return this.#guarded(this.adapterHost.sequenceWith(use, root, this.#region?.address ?? 0, memory));
  }

  /** A sequence that keeps the adapters' memory while it is evaluated. */
  #guarded(sequence: CoreSequence): CoreSequence {
    return {
      get tokens() {
        return sequence.tokens;
      },
      get isResident() {
        return sequence.isResident;
      },
      get pages() {
        return sequence.pages;
      },
      adopt: (tokens, write) => sequence.adopt(tokens, write),
      evaluate: (evaluation) => this.#evaluate(sequence, evaluation),
      fork: () => this.#guarded(sequence.fork()),
      rewind: (length) => sequence.rewind(length),
      release: () => sequence.release(),
    };
  }

  async #evaluate(sequence: CoreSequence, evaluation: Evaluation): Promise<Evaluated | undefined> {
    const region = this.#adapters;
    this.#calls++;
    try {
      return await sequence.evaluate(evaluation);
    } finally {
      if (--this.#calls === 0 && this.#region === undefined) this.#giveBack(region);
    }
  }

  /** Gives the adapters' memory back for other adapters of the same host. */
  dispose(): void {
    const region = this.#region;
    this.#region = undefined;
    cancelOnCollected(this);
    if (region !== undefined && this.#calls === 0) this.#giveBack(region);
  }

  #giveBack(region: Region): void {
    giverBack(this.adapterHost, region, this.#root)();
  }

  get #adapters(): Region {
    if (this.#region !== undefined) return this.#region;
    throw new Gpt2Error('disposed', 'the model with these adapters was disposed; make it again');
  }
}

/** The first free region that is large enough, or a new one. */
function takeRegion(host: AdapterHost, bytes: number): Region {
  const found = host.freeRegions.findIndex((region) => region.bytes >= bytes);
  if (found < 0) return { address: reserveMemory(host, bytes, 'adapters'), bytes };
  return host.freeRegions.splice(found, 1)[0]!;
}
