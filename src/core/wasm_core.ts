import type { ModelConfig } from '../config.js';
import { Gpt2Error } from '../errors.js';
import { nextTask } from '../next_task.js';
import { weightSlots } from '../weights/slots.js';
import { type Build, compileCore, engineTuning } from './binary.js';
import { type CoreExports, instantiateCore } from './exports.js';
import { type Job, type JobPlace, type JobRunner, OwnThread } from './job.js';
import { WasmKvCache } from './kv_cache.js';
import {
  BLOCK_SIZE,
  cacheBytes,
  estimateMemory,
  LOGITS_ROWS,
  packedBytes,
  padded,
  scratchLengths,
  type WeightFormat,
} from './layout.js';
import { logitsRow } from './logits_row.js';
import { CoreMemory } from './memory.js';
import { ADAPTERS_FIELD, LAYER_FIELDS, MODEL_FIELDS, writeModelStruct } from './model_struct.js';
import { Pace } from './pace.js';
import { Packer, stagingBytes } from './packer.js';
import type { ThreadPlan } from './threads/plan.js';
import { startThreads } from './threads/start.js';
import { type Tuning, tune } from './tuning.js';
import type { KvCache, LogitsRow, ModelCore, WantedLogits } from './types.js';

/** What the binary itself, the structures and the alignment of regions take at most, in bytes. */
const OVERHEAD = 65536;

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
  readonly sink: Packer;
  #threads: ThreadPlan;
  #linked: Linked | undefined;
  #runner: JobRunner;
  readonly #tuning: Tuning;
  readonly #place: JobPlace;
  readonly #scratch: Scratch;
  readonly #freeCaches: number[] = [];
  readonly #pace: Pace;
  /** Settles when the latest call of `forward` is over. */
  #turn: Promise<unknown> = Promise.resolve();
  /** The cache that a job works on, which must not be given out again before its end. */
  #working: number | undefined;

  private constructor({ config, build, weights, threads }: Settings, linked: Linked) {
    const { memory, core } = linked;
    this.config = config;
    this.build = build;
    this.weights = weights;
    this.#threads = threads;
    this.#pace = new Pace(config);
    this.#linked = linked;
    const slots = weightSlots(config);
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
    const packed = new Map(slots.map((slot) => [slot.name, memory.reserve(packedBytes(slot, weights))]));
    const weight = (name: string) => packed.get(name)!;
    const view = new DataView(memory.memory.buffer);
    const addresses = { ...this.#scratch, scratch: threadScratch, scratchBytes, model, layers, weight };
    writeModelStruct(view, config, weights, addresses);
    this.#tuning = engineTuning(build);
    tune(core, this.#tuning);
    this.#place = { model, tokens: this.#scratch.tokens, logits: this.#scratch.logits };
    this.#runner = new OwnThread(core, this.#place);

    // The first cache's place is staging until the weights are in: a cache may begin with any content.
    const firstCache = memory.reserve(Math.max(cacheBytes(config), stagingBytes(slots)));
    this.#freeCaches.push(firstCache);
    this.sink = new Packer(memory, core, weights, firstCache, weight);
  }

  /**
   * Compiles, links and plans the memory of a model, whose weights are still zero; `startThreads` starts the planned
   * threads. Throws `runtime` and `out-of-memory`.
   */
  static async create(settings: Settings): Promise<WasmCore> {
    const { config, build, weights, threads } = settings;
    const needed = estimateMemory(config, weights);
    const firstCache = Math.max(needed.cache, stagingBytes(weightSlots(config)));
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
  }

  /** Memory that more than the plan may be reserved in. */
  get memory(): CoreMemory {
    return this.#alive.memory;
  }

  /** With the address of adapters (`writeAdapters`), whatever is evaluated in the cache is evaluated with them. */
  createCache(adapters = 0): KvCache {
    const { memory } = this.#alive;
    const bytes = cacheBytes(this.config);
    const address = this.#freeCaches.pop() ?? memory.reserve(bytes);
    return new WasmKvCache(memory, address, bytes, adapters, (free) => this.#giveBack(free));
  }

  async forward(
    cache: KvCache,
    tokens: readonly number[],
    start: number,
    wanted?: WantedLogits,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const before = this.#turn;
    let end: () => void = () => {};
    this.#turn = new Promise<void>((resolve) => {
      end = resolve;
    });
    await before;
    try {
      const { address, adapters } = cache as WasmKvCache;
      this.#working = address;
      this.memory.i32(this.#place.model + 4 * ADAPTERS_FIELD, 1)[0] = adapters;
      return await this.#evaluate(address, tokens, start, wanted, signal);
    } finally {
      this.#working = undefined;
      end();
    }
  }

  async #evaluate(
    cache: number,
    tokens: readonly number[],
    start: number,
    wanted: WantedLogits | undefined,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const { layers } = this.config;
    const rows = tokens.length;
    this.#alive.memory.i32(this.#scratch.tokens, rows).set(tokens);
    let firstLogits = wanted?.first ?? rows;
    for (let firstLayer = 0; firstLayer < layers || firstLogits < rows; ) {
      if (firstLayer > 0) await nextTask();
      if (signal?.aborted) return false;
      const endLayer = Math.min(layers, firstLayer + this.#pace.layers(rows));
      const logitsRows = endLayer === layers ? Math.min(LOGITS_ROWS, rows - firstLogits) : 0;
      await this.#run({ cache, rows, start, firstLayer, endLayer, firstLogits, logitsRows });
      for (let i = 0; i < logitsRows; i++) wanted?.read(this.#row(i), firstLogits + i);
      firstLayer = endLayer;
      firstLogits += logitsRows;
    }
    return true;
  }

  async #run(job: Job): Promise<void> {
    const began = performance.now();
    await this.#runner.run(job);
    this.#pace.took(performance.now() - began, job);
  }

  /** The latest job's row of logits. */
  #row(index: number): LogitsRow {
    const { memory, core } = this.#alive;
    const { vocabSize } = this.config;
    const address = this.#scratch.logits + index * 4 * padded(vocabSize);
    return logitsRow(memory, core, address, vocabSize, this.#scratch);
  }

  /** A cache that threads still write to is free after their job. */
  #giveBack(address: number): void {
    if (address === this.#working) void this.#turn.then(() => this.#freeCaches.push(address));
    else this.#freeCaches.push(address);
  }

  get #alive(): Linked {
    if (this.#linked === undefined) throw new Gpt2Error('disposed', 'the model was disposed; load it again');
    return this.#linked;
  }
}
