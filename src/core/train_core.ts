import type { ModelConfig } from '../config.js';
import { Gpt2Error } from '../errors.js';
import type { WeightSink, WeightSlot } from '../weights/slots.js';
import { weightSlots } from '../weights/slots.js';
import { type Build, carriesTallTiles } from './binary.js';
import { type JobRunner, OwnThread, type TrainingCall, trainingJob } from './job.js';
import { packedBytes, padded } from './layout.js';
import { CoreMemory } from './memory.js';
import { LAYER_FIELDS, MODEL_FIELDS, writeModelStruct } from './model_struct.js';
import { Packer, stagingBytes } from './packer.js';
import { planThreads, type ThreadPlan, withoutWorkers } from './threads/plan.js';
import { ThreadPool } from './threads/pool.js';
import { JOB_FIELDS } from './threads/protocol.js';
import { compileTrainCore, instantiateTrainCore, type TrainExports } from './train_exports.js';
import {
  estimateTrainingMemory,
  keptBytes,
  logitsTile,
  passBytes,
  slotBytes,
  type TrainingShape,
  trainingSlots,
} from './train_layout.js';
import {
  type AdamWNumbers,
  DROPOUTS_OFFSET,
  STRUCT_BYTES,
  UPDATE_OFFSET,
  writePass,
  writeTraining,
  writeUpdate,
} from './train_struct.js';

/** What the binary itself, the structures and the alignment of regions take at most, in bytes. */
const OVERHEAD = 65_536;

/** Numbers that training keeps for every weight, all in the same layout. */
export type TrainingPart = 'weights' | 'gradients' | 'firstMoments' | 'secondMoments';

/** Some sequences of equal length. */
export interface Batch {
  /** B, at most what was planned. */
  readonly batch: number;
  /** T, at most what was planned. */
  readonly length: number;
  /** B x T token ids, one sequence after the other. */
  readonly tokens: ArrayLike<number>;
  /** The token that should follow each, as many; -1 where none is asked for. */
  readonly targets: ArrayLike<number>;
}

/** Shares of elements that dropout drops, from 0 to below 1. */
export interface DropoutRates {
  readonly embedding: number;
  readonly attention: number;
  readonly residual: number;
}

/** How `accumulate` treats a batch. */
export interface PassOptions {
  /** What gradients are multiplied by: 1 / (targets in the whole step) for the gradient of the mean loss. */
  readonly scale: number;
  /** With `seed`, 32 bits each, decides the dropout masks: the same numbers drop the same elements. */
  readonly pass?: number;
  readonly seed?: number;
  readonly dropout?: DropoutRates;
}

const NO_DROPOUT: DropoutRates = { embedding: 0, attention: 0, residual: 0 };

interface Linked {
  readonly module: WebAssembly.Module;
  readonly memory: CoreMemory;
  readonly core: TrainExports;
}

/** What `create` is given. */
export interface TrainCoreSettings {
  readonly config: ModelConfig;
  readonly build: Build;
  readonly shape: TrainingShape;
  /** How many threads compute, as for `loadModel`. Default 'auto'. The count changes no result. */
  readonly threads?: 'auto' | number;
}

/**
 * The compute core for training a model in f32: weights, gradients and AdamW's moments in one memory, planned once.
 * Everything a run's future depends on besides the caller's numbers is in `weights` and the two moments, which
 * `read` and `sink` take out and put back bit by bit.
 */
export class TrainCore {
  readonly config: ModelConfig;
  readonly build: Build;
  readonly shape: TrainingShape;
  readonly slots: readonly WeightSlot[];
  #threads: ThreadPlan;
  #linked: Linked | undefined;
  #runner: JobRunner;
  /** Settles when the latest call is over. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #training: number;
  readonly #places: ReadonlyMap<string, number>;
  readonly #partBytes: number;
  readonly #work: Record<keyof ReturnType<typeof passBytes>, number>;
  readonly #staging: number;
  readonly #stagingBytes: number;
  /** Of the latest pass. */
  #rows = 0;

  private constructor({ config, build, shape }: TrainCoreSettings, threads: ThreadPlan, linked: Linked) {
    const { memory, core } = linked;
    this.config = config;
    this.build = build;
    this.shape = shape;
    this.slots = weightSlots(config);
    this.#linked = linked;
    this.#threads = threads;
    core.allowTallTiles(carriesTallTiles());
    memory.startAt(core.heapBase());
    this.#training = memory.reserve(STRUCT_BYTES);
    const model = memory.reserve(4 * MODEL_FIELDS);
    const layers = memory.reserve(4 * LAYER_FIELDS * config.layers);

    const { matrices, vectors } = trainingSlots(config);
    const matrixBytes = slotBytes(matrices);
    this.#partBytes = matrixBytes + slotBytes(vectors);
    const weights = memory.reserve(4 * this.#partBytes);
    let place = weights;
    this.#places = new Map(
      [...matrices, ...vectors].map((slot) => {
        const start = place;
        place += packedBytes(slot, 'f32');
        return [slot.name, start];
      }),
    );

    const reserveAll = <T extends Record<string, number>>(bytes: T) =>
      Object.fromEntries(
        Object.entries(bytes).map(([name, length]) => [name, memory.reserve(length)]),
      ) as Record<keyof T, number>;
    const kept = reserveAll(keptBytes(config, shape));
    this.#work = reserveAll(passBytes(config, shape));
    const scratchBytes = core.trainingScratchBytes(shape.length, config.channels / config.heads);
    const scratch = memory.reserve(threads.count * scratchBytes);
    // Nothing of a pass is alive while weights are read or written: they go through the place of all of it.
    this.#staging = kept.residuals;
    this.#stagingBytes = stagingBytes(this.slots);
    const missing = this.#staging + this.#stagingBytes - (scratch + threads.count * scratchBytes);
    if (missing > 0) memory.reserve(missing);

    const view = new DataView(memory.memory.buffer);
    const weight = (name: string) => this.#places.get(name)!;
    const noScratch = { x: 0, normed: 0, qkv: 0, hidden: 0, quantized: 0, attention: 0 };
    writeModelStruct(view, config, 'f32', { ...noScratch, model, layers, weight });
    const tile = logitsTile(config, shape.batch * shape.length);
    writeTraining(view, this.#training, {
      model,
      batch: 0,
      length: 0,
      recompute: shape.recompute ? 1 : 0,
      dropouts: this.#training + DROPOUTS_OFFSET,
      update: this.#training + UPDATE_OFFSET,
      weights,
      matrixBytes,
      weightBytes: this.#partBytes,
      toGradient: this.#partBytes,
      toFirstMoment: 2 * this.#partBytes,
      toSecondMoment: 3 * this.#partBytes,
      logitsStride: tile.stride,
      tileRows: tile.rows,
      scratch,
      scratchBytes,
      ...kept,
      ...this.#work,
    });
    this.#runner = new OwnThread(core, this.#place);
  }

  /** Replaces the caller's own thread by the planned ones; where they do not start, it stays. */
  async #startThreads(): Promise<void> {
    const { count, platform } = this.#threads;
    if (platform === undefined) return;
    const { module, memory, core } = this.#alive;
    const shared = {
      ...this.#place,
      module,
      memory: memory.memory,
      count,
      meeting: memory.reserve(core.sharedBytes()),
      job: memory.reserve(4 * JOB_FIELDS),
      tallTiles: carriesTallTiles(),
    };
    try {
      this.#runner = await ThreadPool.start(core, shared, platform);
    } catch (error) {
      this.#threads = withoutWorkers(error);
    }
  }

  get #place() {
    return { model: this.#training, tokens: 0, logits: 0 };
  }

  /**
   * Compiles, links and plans the memory; weights, gradients and moments are zero.
   * Throws `invalid-option` for a shape that cannot be, `runtime` and `out-of-memory`.
   */
  static async create(settings: TrainCoreSettings): Promise<TrainCore> {
    const { config, build, shape } = settings;
    const { batch, length } = shape;
    if (!(Number.isSafeInteger(batch) && batch >= 1)) {
      throw new Gpt2Error('invalid-option', `batch is ${batch}; it must be a whole number from 1`);
    }
    if (!(Number.isSafeInteger(length) && length >= 1 && length <= config.contextLength)) {
      throw new Gpt2Error(
        'invalid-option',
        `length is ${length}; it must be a whole number from 1 to the model's context, ${config.contextLength}`,
      );
    }
    // No model is too small: a batch is much work.
    const threads = await planThreads(settings.threads ?? 'auto', Infinity);
    const shared = threads.count > 1;
    const memory = new CoreMemory(
      estimateTrainingMemory(config, shape, threads.count).total + OVERHEAD,
      shared,
    );
    const module = await compileTrainCore(build, shared);
    const core = await instantiateTrainCore(module, memory.memory);
    const training = new TrainCore(settings, threads, { module, memory, core });
    await training.#startThreads();
    return training;
  }

  /** How many threads compute, and why so many. */
  get threads(): ThreadPlan {
    return this.#threads;
  }

  /** Bytes of WebAssembly memory that training has. */
  get memoryBytes(): number {
    return this.#alive.memory.byteLength;
  }

  /** Ends the threads and lets the memory go; every later call throws `disposed`. */
  dispose(): void {
    this.#linked = undefined;
    this.#runner.dispose();
  }

  /** The sum of the losses (natural logarithms) of a batch's targets, without dropout; gradients stay as they are. */
  evaluate(batch: Batch): Promise<number> {
    return this.#call('evaluate', () => this.#prepare(batch, { scale: 0 }));
  }

  /** Adds the gradients of a batch's losses, times `scale`, to those that are there. Returns the sum of the losses. */
  accumulate(batch: Batch, options: PassOptions): Promise<number> {
    return this.#call('accumulate', () => this.#prepare(batch, options));
  }

  /** Losses of the latest pass, one a token, 0 where there was no target. */
  losses(): Float64Array {
    return new Float64Array(this.#alive.memory.memory.buffer, this.#work.losses, this.#rows).slice();
  }

  /** Euclidean norm of all gradients together. */
  async gradientNorm(): Promise<number> {
    return Math.sqrt(await this.#call('gradientSquares'));
  }

  /** Changes the weights by one step of AdamW and sets the gradients to 0. */
  async update(numbers: AdamWNumbers): Promise<void> {
    await this.#call('update', (memory) => {
      writeUpdate(new DataView(memory.memory.buffer), this.#training, numbers);
    });
  }

  /** Takes a part of the state in checkpoint layout; weights that it is not given stay as they are. */
  sink(part: TrainingPart): WeightSink {
    const { memory, core } = this.#alive;
    return new Packer(memory, core, 'f32', this.#staging, (name) => this.#placeOf(part, name));
  }

  /** Rows firstRow.. of one weight in checkpoint layout (a vector is one row), as a copy. */
  read(part: TrainingPart, slot: WeightSlot, firstRow = 0, rowCount?: number): Float32Array {
    const { memory, core } = this.#alive;
    const [rows, columns] = slot.kind === 'vector' ? [1, slot.shape[0]!] : [slot.shape[0]!, slot.shape[1]!];
    const count = rowCount ?? rows - firstRow;
    const place = this.#placeOf(part, slot.name);
    const out = new Float32Array(count * columns);
    const atOnce = Math.floor(this.#stagingBytes / (4 * columns));
    for (let done = 0; done < count; done += atOnce) {
      const some = Math.min(atOnce, count - done);
      const row = firstRow + done;
      const stride = 4 * padded(columns);
      if (slot.kind === 'conv1d') core.unpackConv1d(this.#staging, place, row, some, rows, columns);
      else if (slot.kind === 'linear') core.unpackLinear(this.#staging, place, row, some, columns);
      else core.unpackRows(this.#staging, place + row * stride, stride, some, columns);
      out.set(memory.f32(this.#staging, some * columns), done * columns);
    }
    return out;
  }

  get #alive(): Linked {
    if (this.#linked === undefined)
      throw new Gpt2Error('disposed', 'the training was disposed; create it again');
    return this.#linked;
  }

  #placeOf(part: TrainingPart, name: string): number {
    const parts: TrainingPart[] = ['weights', 'gradients', 'firstMoments', 'secondMoments'];
    return this.#places.get(name)! + parts.indexOf(part) * this.#partBytes;
  }

  /** Calls take turns; `prepare` fills in what this one reads. Resolves to what it found. */
  async #call(name: TrainingCall, prepare?: (memory: CoreMemory) => void): Promise<number> {
    const call = this.#turn.then(async () => {
      const { memory } = this.#alive;
      prepare?.(memory);
      await this.#runner.run(trainingJob(name));
      return new DataView(memory.memory.buffer).getFloat64(this.#work.result, true);
    });
    this.#turn = call.catch(() => {});
    return call;
  }

  /** Checks a batch and puts it into place. */
  #prepare({ batch, length, tokens, targets }: Batch, options: PassOptions): void {
    const { vocabSize } = this.config;
    const most = this.shape;
    if (!(batch >= 1 && batch <= most.batch && length >= 1 && length <= most.length)) {
      throw new Gpt2Error(
        'invalid-option',
        `the batch is ${batch} x ${length} tokens; at most ${most.batch} x ${most.length} were planned`,
      );
    }
    const rows = batch * length;
    checkIds(tokens, 'token', rows, 0, vocabSize);
    checkIds(targets, 'target', rows, -1, vocabSize);
    const { memory } = this.#alive;
    memory.i32(this.#work.tokens, rows).set(tokens);
    memory.i32(this.#work.targets, rows).set(targets);
    this.#rows = rows;
    const { scale, seed = 0, pass = 0, dropout = NO_DROPOUT } = options;
    const rates = [dropout.embedding, dropout.attention, dropout.residual] as const;
    for (const rate of rates) {
      if (!(rate >= 0 && rate < 1)) {
        throw new Gpt2Error('invalid-option', `a dropout rate is ${rate}; it must be at least 0 and below 1`);
      }
    }
    const view = new DataView(memory.memory.buffer);
    writePass(view, this.#training, { batch, length, scale, seed, pass, rates });
  }
}

function checkIds(ids: ArrayLike<number>, what: string, count: number, least: number, end: number): void {
  if (ids.length !== count) {
    throw new Gpt2Error(
      'invalid-option',
      `there are ${ids.length} ${what}s; the batch has room for ${count}, no more and no fewer`,
    );
  }
  for (let i = 0; i < count; i++) {
    const id = ids[i]!;
    if (!(Number.isInteger(id) && id >= least && id < end)) {
      throw new Gpt2Error(
        'invalid-option',
        `${what} ${i} is ${id}; it must be a whole number from ${least} to ${end - 1}`,
      );
    }
  }
}
