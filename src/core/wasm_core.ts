import type { ModelConfig } from '../architecture/gpt2/config.js';
import { modelParameters } from '../architecture/gpt2/parameters.js';
import { invalidOption } from '../base/check_options.js';
import { modelDisposed } from '../base/errors.js';
import { chooseKvFormat, KV_CODES, type KvFormat } from '../dtypes/kv_formats.js';
import type { WeightFormat } from '../dtypes/weight_formats.js';
import { batchBytes } from './abi/batch_struct.js';
import { instantiateCore } from './abi/exports.js';
import type { JobPlace, JobRunner } from './abi/job.js';
import { modelStructBytes, writeModel } from './abi/model_struct.js';
import { BatchEvaluator } from './batch_evaluator.js';
import { type Build, compileCore } from './binary.js';
import type * as CrossRoom from './cross/cross_attention.js';
import { PageRoot } from './kv/page.js';
import { PagePool } from './kv/page_pool.js';
import { PagedSequence, type PageStore, type SequenceMemory } from './kv/paged_sequence.js';
import { BATCH_ROWS, estimateMemory, packedBytes, pageBytes, scratchLengths } from './layout.js';
import { CoreMemory, MOST_MEMORY } from './memory.js';
import { Packer, stagingBytes } from './packing/packer.js';
import { ScheduledSequence } from './scheduler/scheduled_sequence.js';
import { Scheduler } from './scheduler/scheduler.js';
import { type Linked, Machine } from './threads/machine.js';
import type { ThreadPlan } from './threads/plan.js';
import type { AdapterHost, CoreSequence, CoreStats, Region, SequenceUse } from './types.js';

/** Upper bound in bytes for the binary's own data, the structs and the alignment of regions. */
const OVERHEAD = 65536;

/** Bytes of pages that are kept for later texts if no `maxMemory` says how many. */
const KEPT_BYTES = 64 * 2 ** 20;

/** Addresses of the scratch regions. */
type Scratch = Record<keyof ReturnType<typeof scratchLengths>, number>;

interface Settings {
  readonly config: ModelConfig;
  readonly build: Build;
  readonly weights: WeightFormat;
  /** Default: `auto`. */
  readonly kvCache?: 'auto' | KvFormat | undefined;
  readonly threads: ThreadPlan;
  /** Most bytes of core memory; default: what the runtime gives. */
  readonly maxMemory?: number | undefined;
  /** The build, compiled for one thread, if the caller has it. */
  readonly module?: WebAssembly.Module | undefined;
}

/** The compute core of one model: its memory, weights, pages and threads. */
export class WasmCore implements AdapterHost {
  readonly config: ModelConfig;
  readonly build: Build;
  readonly weights: WeightFormat;
  readonly kvCache: KvFormat;
  readonly adapterHost = this;
  readonly packedWeights: Region;
  /** Address of a weight. */
  readonly placeOf: (name: string) => number;
  readonly freeRegions: Region[] = [];
  readonly cross: CrossRoom.CrossAttention | undefined;
  /** Packs the weights into core memory; usable until the first sequence is evaluated. */
  readonly loader: Packer;
  readonly #machine: Machine;
  readonly place: JobPlace;
  readonly #scratch: Scratch;
  readonly #pool: PagePool;
  readonly #scheduler: Scheduler;
  /** The pages of all texts that are evaluated without adapters. */
  readonly #root = new PageRoot(true);

  private constructor(settings: Settings, linked: Linked, cross: typeof CrossRoom | undefined) {
    const { config, build, weights, threads, maxMemory } = settings;
    const kvCache = chooseKvFormat(settings.kvCache ?? 'auto', weights);
    const { memory, core } = linked;
    this.config = config;
    this.build = build;
    this.weights = weights;
    this.kvCache = kvCache;
    const parameters = modelParameters(config);
    memory.startAt(core.heapBase());
    const model = memory.reserve(modelStructBytes(config));
    const batch = memory.reserve(batchBytes(BATCH_ROWS, config.contextLength));
    const lengths = Object.entries(scratchLengths(config, weights));
    const scratch = Object.fromEntries(lengths.map(([name, length]) => [name, memory.reserve(4 * length)]));
    this.#scratch = scratch as Scratch;
    const scratchBytes = core.threadScratchBytes(
      BATCH_ROWS,
      config.channels / config.heads,
      Math.max(config.channels, config.innerChannels),
    );
    const threadScratch = memory.reserve(threads.count * scratchBytes);
    const packed = new Map(
      parameters.map((parameter) => [parameter.name, memory.reserve(packedBytes(parameter, weights))]),
    );
    const weight = (name: string) => packed.get(name)!;
    this.placeOf = weight;
    const firstWeight = [...packed.values()].reduce((first, address) => Math.min(first, address));
    this.packedWeights = { address: firstWeight, bytes: memory.end - firstWeight };
    const addresses = {
      ...{ ...this.#scratch, scratch: threadScratch, scratchBytes, model, weight },
      cross: cross ? memory.reserve(cross.crossBytes(config)) : 0,
    };
    writeModel(new DataView(memory.memory.buffer), config, { weights, kv: kvCache }, addresses);
    this.place = { model, batch, logits: this.#scratch.logits };
    this.#machine = new Machine(linked, build, threads, this.place);

    // While weights are loaded, the first pages' memory is their staging area: a page may begin with any
    // content.
    const bytes = pageBytes(config, kvCache);
    const region = Math.max(bytes, stagingBytes(parameters));
    const address = memory.reserve(region);
    this.#pool = new PagePool(memory, { address, bytes: region }, bytes, {
      end: maxMemory ?? MOST_MEMORY,
      keptBytes: maxMemory ?? KEPT_BYTES,
    });
    const machine = () => ({ ...this.#machine.alive, runner: this.runner, cross: this.cross });
    this.cross = cross && new cross.CrossAttention(config, this.#store, machine, addresses);
    const evaluator = new BatchEvaluator(config, { ...this.#scratch, batch }, machine);
    this.#scheduler = new Scheduler(this.#pool, evaluator);
    this.loader = new Packer(memory, core, weights, address, weight);
  }

  /**
   * Compiles, links and plans the memory of a model, whose weights are still zero; `startThreads` starts the
   * planned threads. Throws `runtime` and `out-of-memory`.
   */
  static async create(settings: Settings): Promise<WasmCore> {
    const { config, build, weights, threads } = settings;
    const kvCache = chooseKvFormat(settings.kvCache ?? 'auto', weights);
    const needed = estimateMemory(config, weights);
    const firstPages = Math.max(pageBytes(config, kvCache), stagingBytes(modelParameters(config)));
    const cross = config.crossAttention ? await import('./cross/cross_attention.js') : undefined;
    const batch = batchBytes(BATCH_ROWS, config.contextLength) + (cross?.crossBytes(config) ?? 0);
    const least = needed.weights + needed.scratch + firstPages + batch + OVERHEAD;
    if (settings.maxMemory !== undefined && settings.maxMemory < least) {
      throw invalidOption('maxMemory', settings.maxMemory, `${least} bytes or more for this model`);
    }
    const shared = threads.count > 1;
    const memory = new CoreMemory(least, shared);
    const compile = cross?.compileCross ?? compileCore;
    const module = settings.module ?? (await compile(build, shared));
    const core = await instantiateCore(module, memory.memory);
    return new WasmCore(settings, { module, memory, core }, cross);
  }

  /** As `Machine.startThreads`. */
  startThreads(): Promise<void> {
    return this.#machine.startThreads();
  }

  get threads(): ThreadPlan {
    return this.#machine.threads;
  }

  get runner(): JobRunner {
    return this.#machine.runner;
  }

  get memoryBytes(): number {
    return this.#machine.alive.memory.byteLength;
  }

  /** Ends the threads and releases the memory; every later call throws `disposed`. */
  dispose(): void {
    this.#machine.dispose();
    this.#scheduler.close(modelDisposed());
  }

  get memory(): CoreMemory {
    return this.#machine.alive.memory;
  }

  get stats(): CoreStats {
    void this.#machine.alive;
    return this.#scheduler.stats;
  }

  get batchTimes() {
    return this.#scheduler.batchTimes;
  }

  sequence(use: SequenceUse, isPrivate = false, memory?: SequenceMemory): CoreSequence {
    return this.sequenceWith(use, isPrivate ? new PageRoot(false) : this.#root, 0, memory);
  }

  between(work: () => void): void {
    this.#scheduler.between(work);
  }

  forget(root: PageRoot): void {
    this.#pool.forget(root);
  }

  sequenceWith(
    use: SequenceUse,
    root: PageRoot,
    adapters: number,
    memory: SequenceMemory | undefined,
  ): CoreSequence {
    const pages = new PagedSequence(this.#store, root, adapters, memory);
    return new ScheduledSequence(this.#scheduler, pages, use);
  }

  get #store(): PageStore {
    const { channels, heads, layers } = this.config;
    const copyPositions = (to: number, from: number, count: number) =>
      this.#machine.alive.core.copyPositions(
        KV_CODES[this.kvCache],
        to,
        from,
        count,
        channels / heads,
        layers * heads,
      );
    return { pool: this.#pool, copyPositions };
  }
}
