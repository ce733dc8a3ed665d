import { padded } from '../../assembly/abi.js';
import type { ModelConfig } from '../architecture/gpt2/config.js';
import { modelParameters } from '../architecture/gpt2/parameters.js';
import type { Cancellation } from '../base/cancellation.js';
import { Gpt2Error, modelDisposed } from '../base/errors.js';
import { type Lease, Leases } from '../base/leases.js';
import { Mutex } from '../base/mutex.js';
import { nextTask } from '../base/next_task.js';
import { now } from '../base/timers.js';
import type { WeightFormat } from '../dtypes/weight_formats.js';
import { type CoreExports, instantiateCore } from './abi/exports.js';
import { type JobPlace, type JobRunner, OwnThread } from './abi/job.js';
import { modelStructBytes, setAdapters, writeModel } from './abi/model_struct.js';
import { type Tuning, tune } from './abi/tuning.js';
import { type Build, compileCore, engineTuning } from './binary.js';
import { CachePool } from './kv/cache_pool.js';
import { WasmKvCache } from './kv/kv_cache.js';
import { LayerSlicer } from './layer_slicer.js';
import { BLOCK_SIZE, cacheBytes, estimateMemory, packedBytes, scratchLengths } from './layout.js';
import { logitsRow } from './logits_row.js';
import { CoreMemory } from './memory.js';
import { Packer, stagingBytes } from './packing/packer.js';
import type { ThreadPlan } from './threads/plan.js';
import { startThreads } from './threads/start.js';
import type { AdapterHost, CacheUse, KvCache, LogitsRow, Region, WantedLogits } from './types.js';

/** Upper bound in bytes for the binary's own data, the structs and the alignment of regions. */
const OVERHEAD = 65536;

/**
 * After this long without a reader, a stream of the model gives its cache to a waiting call, and evaluates
 * its tokens again if it is read later. A reader that is only slower than the model keeps the cache.
 */
const REST_MS = 250;

/** Addresses of the scratch regions. */
type Scratch = Record<keyof ReturnType<typeof scratchLengths>, number>;

/** A linked instance of the core and its memory. */
interface Linked {
  readonly module: WebAssembly.Module;
  readonly memory: CoreMemory;
  readonly core: CoreExports;
}

interface Settings {
  readonly config: ModelConfig;
  readonly build: Build;
  readonly weights: WeightFormat;
  readonly threads: ThreadPlan;
  /** The build, compiled for one thread, if the caller has it. */
  readonly module?: WebAssembly.Module | undefined;
}

/** The compute core of one model: its memory, weights, caches and threads. */
export class WasmCore implements AdapterHost {
  readonly config: ModelConfig;
  readonly build: Build;
  readonly weights: WeightFormat;
  readonly blockSize = BLOCK_SIZE;
  readonly adapterHost = this;
  readonly freeRegions: Region[] = [];
  /** Packs the weights into core memory; usable until the first cache is taken. */
  readonly loader: Packer;
  #threads: ThreadPlan;
  #linked: Linked | undefined;
  #runner: JobRunner;
  readonly #tuning: Tuning;
  readonly #place: JobPlace;
  readonly #scratch: Scratch;
  readonly #pool: CachePool;
  readonly #caches: Leases<number, CacheUse>;
  readonly #slicer: LayerSlicer;
  /** Held by a call that uses the core's structures and scratch: there is one set of them. */
  readonly #mutex = new Mutex();

  private constructor({ config, build, weights, threads }: Settings, linked: Linked) {
    const { memory, core } = linked;
    this.config = config;
    this.build = build;
    this.weights = weights;
    this.#threads = threads;
    this.#slicer = new LayerSlicer(config);
    this.#linked = linked;
    const parameters = modelParameters(config);
    memory.startAt(core.heapBase());
    const model = memory.reserve(modelStructBytes(config));
    const lengths = Object.entries(scratchLengths(config, weights));
    const scratch = Object.fromEntries(lengths.map(([name, length]) => [name, memory.reserve(4 * length)]));
    this.#scratch = scratch as Scratch;
    const scratchBytes = core.threadScratchBytes(
      BLOCK_SIZE,
      config.channels / config.heads,
      Math.max(config.channels, config.innerChannels),
    );
    const threadScratch = memory.reserve(threads.count * scratchBytes);
    const packed = new Map(
      parameters.map((parameter) => [parameter.name, memory.reserve(packedBytes(parameter, weights))]),
    );
    const weight = (name: string) => packed.get(name)!;
    const view = new DataView(memory.memory.buffer);
    const addresses = { ...this.#scratch, scratch: threadScratch, scratchBytes, model, weight };
    writeModel(view, config, weights, addresses);
    this.#tuning = engineTuning(build);
    tune(core, this.#tuning);
    this.#place = { model, tokens: this.#scratch.tokens, logits: this.#scratch.logits };
    this.#runner = new OwnThread(core, this.#place);

    // While weights are loaded, the first cache's memory is their staging area: a cache may begin with any
    // content.
    const firstCache = memory.reserve(Math.max(cacheBytes(config), stagingBytes(parameters)));
    this.#pool = new CachePool(memory, cacheBytes(config), firstCache);
    this.#caches = new Leases(this.#pool, ['session', 'call'], REST_MS);
    this.loader = new Packer(memory, core, weights, firstCache, weight);
  }

  /**
   * Compiles, links and plans the memory of a model, whose weights are still zero; `startThreads` starts the
   * planned threads. Throws `runtime` and `out-of-memory`.
   */
  static async create(settings: Settings): Promise<WasmCore> {
    const { config, build, weights, threads } = settings;
    const needed = estimateMemory(config, weights);
    const firstCache = Math.max(needed.cache, stagingBytes(modelParameters(config)));
    const shared = threads.count > 1;
    const memory = new CoreMemory(needed.weights + needed.scratch + firstCache + OVERHEAD, shared);
    const module = settings.module ?? (await compileCore(build, shared));
    const core = await instantiateCore(module, memory.memory);
    return new WasmCore(settings, { module, memory, core });
  }

  /** Resolves when the planned threads are ready. If they do not start, the caller's own thread computes. */
  async startThreads(): Promise<void> {
    const threaded = { ...this.#alive, place: this.#place, tuning: this.#tuning };
    ({ runner: this.#runner, threads: this.#threads } = await startThreads(
      threaded,
      this.#threads,
      this.#runner,
    ));
    if (this.#linked === undefined) this.#runner.dispose();
  }

  get threads(): ThreadPlan {
    return this.#threads;
  }

  get memoryBytes(): number {
    return this.#alive.memory.byteLength;
  }

  /** Ends the threads and releases the memory; every later call throws `disposed`. */
  dispose(): void {
    this.#linked = undefined;
    this.#runner.dispose();
    this.#caches.close(modelDisposed());
  }

  get memory(): CoreMemory {
    return this.#alive.memory;
  }

  reserve(bytes: number, what: string): number {
    const { memory } = this;
    try {
      return memory.reserve(bytes);
    } catch (error) {
      throw this.#pool.sessions > 0 ? this.#pool.noRoom(what, error) : error;
    }
  }

  async takeCache(use: CacheUse, signal?: Cancellation, adapters = 0): Promise<KvCache | undefined> {
    return this.#cache(await this.#caches.take(use, signal), adapters);
  }

  takeCacheNow(adapters = 0): KvCache | undefined {
    return this.#cache(this.#caches.takeNow('session'), adapters);
  }

  #cache(lease: Lease<number> | undefined, adapters: number): KvCache | undefined {
    return lease && new WasmKvCache(this.memory, lease, cacheBytes(this.config), adapters);
  }

  forward(
    cache: KvCache,
    tokens: readonly number[],
    start: number,
    wanted?: WantedLogits,
    signal?: Cancellation,
  ): Promise<boolean> {
    return this.#mutex.run(() => {
      const { adapters } = cache as WasmKvCache;
      setAdapters(new DataView(this.memory.memory.buffer), this.#place.model, adapters);
      return (cache as WasmKvCache).use((address) => this.#evaluate(address, tokens, start, wanted, signal));
    }, signal);
  }

  present(logits: Float32Array, read: (row: LogitsRow) => void, signal?: Cancellation): Promise<boolean> {
    return this.#mutex.run(async () => {
      await nextTask();
      if (signal?.aborted) return false;
      this.memory.f32(this.#scratch.logits, logits.length).set(logits);
      read(this.#row(0));
      return true;
    }, signal);
  }

  async #evaluate(
    cache: number,
    tokens: readonly number[],
    start: number,
    wanted: WantedLogits | undefined,
    signal: Cancellation | undefined,
  ): Promise<boolean> {
    const { layers } = this.config;
    const rows = tokens.length;
    this.memory.i32(this.#scratch.tokens, rows).set(tokens);
    let firstLogits = wanted?.first ?? rows;
    for (let firstLayer = 0; firstLayer < layers || firstLogits < rows; ) {
      await nextTask();
      if (signal?.aborted) return false;
      if (this.#linked === undefined) throw modelDisposed();
      const slice = this.#slicer.next(rows, firstLayer, rows - firstLogits);
      const began = now();
      await this.#runner.run({ kind: 'forward', cache, rows, start, firstLogits, ...slice });
      this.#slicer.record(now() - began, rows, slice);
      for (let i = 0; i < slice.logitsRows; i++) wanted?.read(this.#row(i), firstLogits + i);
      firstLayer = slice.endLayer;
      firstLogits += slice.logitsRows;
    }
    return true;
  }

  /** Row `index` of the latest job's logits. Throws `runtime` if they are not finite. */
  #row(index: number): LogitsRow {
    const { memory, core } = this.#alive;
    const { vocabSize } = this.config;
    const address = this.#scratch.logits + index * 4 * padded(vocabSize);
    if (!(core.largestMagnitude(address, vocabSize) < Infinity)) {
      throw new Gpt2Error(
        'runtime',
        'the model computed logits that are NaN or infinite: its weights, or adapters beside them, are so large that ' +
          '32-bit numbers overflow on the way',
      );
    }
    return logitsRow(memory, core, address, vocabSize, this.#scratch);
  }

  get #alive(): Linked {
    if (this.#linked === undefined) throw modelDisposed();
    return this.#linked;
  }
}
