import type { ModelConfig } from '../architecture/gpt2/config.js';
import { modelParameters } from '../architecture/gpt2/parameters.js';
import type { Cancellation } from '../base/cancellation.js';
import { Gpt2Error } from '../base/errors.js';
import { type Lease, Leases, SingleSupply } from '../base/leases.js';
import { nextTask } from '../base/next_task.js';
import { now } from '../base/timers.js';
import type { WeightFormat } from '../dtypes/weight_formats.js';
import { type CoreExports, instantiateCore } from './abi/exports.js';
import { type JobPlace, type JobRunner, OwnThread } from './abi/job.js';
import { ADAPTERS_FIELD, LAYER_FIELDS, MODEL_FIELDS, writeModelStruct } from './abi/model_struct.js';
import { type Tuning, tune } from './abi/tuning.js';
import { type Build, compileCore, engineTuning } from './binary.js';
import { CachePool } from './kv/cache_pool.js';
import { WasmKvCache } from './kv/kv_cache.js';
import { BLOCK_SIZE, cacheBytes, estimateMemory, packedBytes, padded, scratchLengths } from './layout.js';
import { logitsRow } from './logits_row.js';
import { CoreMemory } from './memory.js';
import { Pace } from './pace.js';
import { Packer, stagingBytes } from './packing/packer.js';
import type { ThreadPlan } from './threads/plan.js';
import { startThreads } from './threads/start.js';
import type { CacheUse, KvCache, LogitsRow, ModelCore, WantedLogits } from './types.js';

/** What the binary itself, the structures and the alignment of regions take at most, in bytes. */
const OVERHEAD = 65536;

/**
 * A stream of the model that nobody reads for so long gives its cache to a call that waits, and evaluates its tokens
 * again when it is read: a reader that is only slower than the model keeps its cache.
 */
const REST_MS = 250;

/** Addresses of the scratch regions. */
type Scratch = Record<keyof ReturnType<typeof scratchLengths>, number>;

/** A build of the core with its memory. */
interface Linked {
  readonly module: WebAssembly.Module;
  readonly memory: CoreMemory;
  readonly core: CoreExports;
}

/** What `create` is given. */
interface Settings {
  readonly config: ModelConfig;
  readonly build: Build;
  readonly weights: WeightFormat;
  readonly threads: ThreadPlan;
  /** The build, compiled for one thread, where the caller has it. */
  readonly module?: WebAssembly.Module | undefined;
}

/** One checkpoint's compute core: its memory, its weights, its caches and its threads. */
export class WasmCore implements ModelCore {
  readonly config: ModelConfig;
  readonly build: Build;
  readonly weights: WeightFormat;
  readonly blockSize = BLOCK_SIZE;
  /** Takes the weights; usable until the first cache is created. */
  readonly loader: Packer;
  #threads: ThreadPlan;
  #linked: Linked | undefined;
  #runner: JobRunner;
  readonly #tuning: Tuning;
  readonly #place: JobPlace;
  readonly #scratch: Scratch;
  readonly #pool: CachePool;
  readonly #caches: Leases<number, CacheUse>;
  readonly #pace: Pace;
  /** Calls of `forward` take turns: structures and scratch are those of one at a time. */
  readonly #turns = new Leases(new SingleSupply(), ['turn'], Infinity);

  private constructor({ config, build, weights, threads }: Settings, linked: Linked) {
    const { memory, core } = linked;
    this.config = config;
    this.build = build;
    this.weights = weights;
    this.#threads = threads;
    this.#pace = new Pace(config);
    this.#linked = linked;
    const parameters = modelParameters(config);
    memory.startAt(core.heapBase());
    const model = memory.reserve(4 * MODEL_FIELDS);
    const layers = memory.reserve(4 * LAYER_FIELDS * config.layers);
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
    const addresses = { ...this.#scratch, scratch: threadScratch, scratchBytes, model, layers, weight };
    writeModelStruct(view, config, weights, addresses);
    this.#tuning = engineTuning(build);
    tune(core, this.#tuning);
    this.#place = { model, tokens: this.#scratch.tokens, logits: this.#scratch.logits };
    this.#runner = new OwnThread(core, this.#place);

    // The first cache's place is staging until the weights are in: a cache may begin with any content.
    const firstCache = memory.reserve(Math.max(cacheBytes(config), stagingBytes(parameters)));
    this.#pool = new CachePool(memory, cacheBytes(config), firstCache);
    this.#caches = new Leases(this.#pool, ['session', 'call'], REST_MS);
    this.loader = new Packer(memory, core, weights, firstCache, weight);
  }

  /**
   * Compiles, links and plans the memory of a model, whose weights are still zero; `startThreads` starts the planned
   * threads. Throws `runtime` and `out-of-memory`.
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

  /** Resolves when the planned threads are ready; where they do not start, the caller's own thread computes. */
  async startThreads(): Promise<void> {
    const threaded = { ...this.#alive, place: this.#place, tuning: this.#tuning };
    ({ runner: this.#runner, threads: this.#threads } = await startThreads(
      threaded,
      this.#threads,
      this.#runner,
    ));
    if (this.#linked === undefined) this.#runner.dispose();
  }

  /** How many threads compute, and why so many. */
  get threads(): ThreadPlan {
    return this.#threads;
  }

  /** Bytes of WebAssembly memory the model has now. */
  get memoryBytes(): number {
    return this.#alive.memory.byteLength;
  }

  /** Ends the threads and lets the memory go; every later call throws `disposed`. */
  dispose(): void {
    this.#linked = undefined;
    this.#runner.dispose();
    this.#caches.close(disposed());
    this.#turns.close(disposed());
  }

  get memory(): CoreMemory {
    return this.#alive.memory;
  }

  /** Memory beyond the plan, for what a message calls `what`. Throws `out-of-memory`. */
  reserve(bytes: number, what: string): number {
    const { memory } = this;
    try {
      return memory.reserve(bytes);
    } catch (error) {
      throw this.#pool.sessions > 0 ? this.#pool.noRoom(what, error) : error;
    }
  }

  /** With the address of adapters (`writeAdapters`), whatever is evaluated in the cache is evaluated with them. */
  async takeCache(use: CacheUse, signal?: Cancellation, adapters = 0): Promise<KvCache | undefined> {
    return this.#cache(await this.#caches.take(use, signal), adapters);
  }

  takeCacheNow(adapters = 0): KvCache | undefined {
    return this.#cache(this.#caches.takeNow('session'), adapters);
  }

  #cache(lease: Lease<number> | undefined, adapters: number): KvCache | undefined {
    return lease && new WasmKvCache(this.memory, lease, cacheBytes(this.config), adapters);
  }

  async forward(
    cache: KvCache,
    tokens: readonly number[],
    start: number,
    wanted?: WantedLogits,
    signal?: Cancellation,
  ): Promise<boolean> {
    const turn = await this.#turns.take('turn', signal);
    if (turn === undefined) return false;
    try {
      const { adapters } = cache as WasmKvCache;
      this.memory.i32(this.#place.model + 4 * ADAPTERS_FIELD, 1)[0] = adapters;
      return await (cache as WasmKvCache).use((address) =>
        this.#evaluate(address, tokens, start, wanted, signal),
      );
    } finally {
      turn.end();
    }
  }

  async present(
    logits: Float32Array,
    read: (row: LogitsRow) => void,
    signal?: Cancellation,
  ): Promise<boolean> {
    const turn = await this.#turns.take('turn', signal);
    if (turn === undefined) return false;
    try {
      await nextTask();
      if (signal?.aborted) return false;
      this.memory.f32(this.#scratch.logits, logits.length).set(logits);
      read(this.#row(0));
      return true;
    } finally {
      turn.end();
    }
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
      if (this.#linked === undefined) throw disposed();
      const slice = this.#pace.next(rows, firstLayer, rows - firstLogits);
      const began = now();
      await this.#runner.run({ cache, rows, start, firstLogits, ...slice });
      this.#pace.took(now() - began, rows, slice);
      for (let i = 0; i < slice.logitsRows; i++) wanted?.read(this.#row(i), firstLogits + i);
      firstLayer = slice.endLayer;
      firstLogits += slice.logitsRows;
    }
    return true;
  }

  /** The latest job's row of logits. Throws `runtime` if they are not finite. */
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
    if (this.#linked === undefined) throw disposed();
    return this.#linked;
  }
}

function disposed(): Gpt2Error {
  return new Gpt2Error('disposed', 'the model was disposed; load it again');
}
