import { padded } from '../../../assembly/abi.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { headRows, type Parameter } from '../../architecture/gpt2/parameters.js';
import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { Mutex } from '../../base/mutex.js';
import type { WeightLoader } from '../../checkpoints/weight_loader.js';
import type { WeightFormat } from '../../dtypes/weight_formats.js';
import { instantiateCore } from '../abi/exports.js';
import type { TrainingCall } from '../abi/job.js';
import type { Build } from '../binary.js';
import { CoreMemory } from '../memory.js';
import { type Linked, Machine } from '../threads/machine.js';
import { planThreads, type ThreadPlan } from '../threads/plan.js';
import { type Batch, checkBatch } from './batch.js';
import { compileTrainCore, type TrainExports } from './exports.js';
import { backwardHead, evaluateHead, type ForwardedBatch } from './head_pass.js';
import { estimateTrainingMemory } from './layout.js';
import {
  checkMicrobatch,
  checkTokenLoss,
  type MicrobatchOptions,
  type TokenLoss,
} from './microbatch_options.js';
import { trainingParameters } from './parameters.js';
import { placeTraining, type TrainPlaces } from './place.js';
import { logitsTile } from './regions.js';
import { stateRows, type TrainingShape } from './shape.js';
import { type TrainingPart, TrainState } from './state.js';
import { type AdamWNumbers, writeUpdate } from './structs.js';
import { writeBatch } from './write_batch.js';
import { writeDecoder } from './write_decoder.js';
import { writeStructs } from './write_structs.js';

/** Upper bound in bytes of the data of the binary, the structures and the alignment of regions. */
const OVERHEAD = 65_536;

/** Settings of `TrainCore.create`. */
export interface TrainCoreSettings {
  /** The model's configuration. */
  readonly config: ModelConfig;
  /** The compilation of the core. */
  readonly build: Build;
  /** The largest batch, and what is trained. */
  readonly shape: TrainingShape;
  /** How many threads compute, as for `loadModel`. Default 'auto'. The count changes no result. */
  readonly threads?: 'auto' | number;
}

/**
 * The compute core for training a model, or an adapter beside it, in f32: weights, and gradients and AdamW's
 * moments of those that are trained, in one memory, planned once. Everything a run's future depends on
 * besides the caller's numbers is in `weights` and the two moments, which `read` and `loader` take out and
 * put back bit by bit.
 */
export class TrainCore {
  /** The model's configuration. */
  readonly config: ModelConfig;
  /** The compilation of the core that runs. */
  readonly build: Build;
  /** The largest batch, and what is trained. */
  readonly shape: TrainingShape;
  /** The weights that are trained. */
  readonly parameters: readonly Parameter[];
  /** Weights that are read and never changed, such as the model's own if an adapter is trained. */
  readonly frozen: readonly Parameter[];
  readonly #machine: Machine<TrainExports>;
  #state: TrainState | undefined;
  readonly #mutex = new Mutex();
  readonly #places: TrainPlaces;
  /** Tokens of the latest batch, and its encoder states. */
  #rows = 0;
  #stateRows = 0;
  /** Whether the passes read trained matrices in the format of `shape.quantize`. */
  #isQuantized = false;
  /** Calls that run or wait. */
  #calls = 0;

  private constructor(
    { config, build, shape }: TrainCoreSettings,
    threads: ThreadPlan,
    linked: Linked<TrainExports>,
  ) {
    const { memory, core } = linked;
    this.config = config;
    this.build = build;
    this.shape = shape;
    const { trained, frozen } = trainingParameters(config, shape);
    this.parameters = trained;
    this.frozen = frozen;
    memory.startAt(core.heapBase());
    const places = placeTraining(memory, core, config, shape, threads.count);
    writeStructs(new DataView(memory.memory.buffer), config, shape, places);
    this.#places = places;
    this.#state = new TrainState(memory, core, places, [...trained, ...frozen]);
    this.#machine = new Machine(linked, build, threads, { model: places.training, batch: 0, logits: 0 });
  }

  /**
   * Compiles, links and plans the memory; weights, gradients and moments are zero.
   * Throws `invalid-option` for a shape that cannot be, `runtime` and `out-of-memory`.
   */
  static async create(settings: TrainCoreSettings): Promise<TrainCore> {
    checkOptionNames('TrainCore.create', settings, ['config', 'build', 'shape', 'threads']);
    const { config, build, shape } = settings;
    if (build !== 'simd' && build !== 'relaxed') throw invalidOption('build', build, "'simd' or 'relaxed'");
    // No model is too small: a batch is much work.
    const threads = planThreads(settings.threads ?? 'auto', Infinity);
    const shared = threads.count > 1;
    const memory = new CoreMemory(
      estimateTrainingMemory(config, shape, threads.count).total + OVERHEAD,
      shared,
    );
    const module = await compileTrainCore(build, shared);
    const core = await instantiateCore<TrainExports>(module, memory.memory);
    const training = new TrainCore(settings, threads, { module, memory, core });
    await training.#machine.startThreads();
    return training;
  }

  /** How many threads compute, and why so many. */
  get threads(): {
    /** Threads that compute: 1 is the caller's own, more are workers. */
    readonly count: number;
    /** Why that many. */
    readonly reason: string;
  } {
    return this.#machine.threads;
  }

  /** Bytes of WebAssembly memory that training has. */
  get memoryBytes(): number {
    return this.#alive.memory.byteLength;
  }

  /** Ends the threads and releases the memory; every later call throws `disposed`. */
  dispose(): void {
    this.#state = undefined;
    this.#machine.dispose();
  }

  /**
   * The sum of the losses of a batch's targets, in nats, without dropout. Gradients are unchanged. Throws
   * `invalid-option` if the batch is not valid.
   */
  evaluate(batch: Batch, loss?: TokenLoss): Promise<number> {
    return this.#exclusive(async () => {
      checkTokenLoss(loss);
      return evaluateHead(await this.#forward(batch, { scale: 0 }), loss);
    });
  }

  /**
   * Adds the gradients of a microbatch's losses, times `scale`, to the accumulated gradients. Returns the sum
   * of the losses, in nats. Throws `invalid-option` if the batch or an option is not valid.
   */
  accumulate(batch: Batch, options: MicrobatchOptions): Promise<number> {
    return this.#exclusive(async () => {
      checkMicrobatch(options, this.shape);
      const sum = await backwardHead(await this.#forward(batch, options), options);
      await this.#run('backwardPass');
      return sum;
    });
  }

  /** Losses of the latest batch in nats, one for each of its B x T tokens; 0 for a token without a target. */
  losses(): Float64Array {
    return new Float64Array(this.#alive.memory.memory.buffer, this.#places.work.losses, this.#rows).slice();
  }

  /**
   * The gradients of the latest `accumulate`, without dropout, by the vector with which each of its B x T tokens begins,
   * the sum of its two embeddings, or of a mapper's vector and that of its position: [B x T, C]. Other calls overwrite
   * them.
   */
  embeddingGradients(): Float32Array<ArrayBuffer> {
    return this.#rowsAt(this.#places.work.dx, this.#rows);
  }

  /**
   * The gradients of the latest `accumulate` by the states that its batch gave, [B x S, C], with which an encoder
   * outside of the core can be trained. Other calls overwrite them. Throws `invalid-option` for a core with an image
   * encoder of its own, and for a model that attends to no states.
   */
  stateGradients(): Float32Array<ArrayBuffer> {
    const { cross, encoder } = this.#places;
    if (cross === undefined || encoder !== undefined) {
      const why =
        cross === undefined ? 'the model attends to no states' : 'the core has an encoder of its own';
      throw new Gpt2Error('invalid-option', `there are no gradients of given states: ${why}`);
    }
    return this.#rowsAt(cross.regions.dmemory, this.#stateRows);
  }

  /** A copy of `rows` rows of C numbers at an address. */
  #rowsAt(address: number, rows: number): Float32Array<ArrayBuffer> {
    const { memory } = this.#alive;
    const { channels } = this.config;
    const copy = new Float32Array(rows * channels);
    for (let row = 0; row < rows; row++) {
      copy.set(memory.f32(address + 4 * padded(channels) * row, channels), row * channels);
    }
    return copy;
  }

  /** Euclidean norm of all accumulated gradients. */
  async gradientNorm(): Promise<number> {
    return this.#exclusive(async () => {
      await this.#run('gradientSquares');
      const { memory } = this.#alive.memory;
      return Math.sqrt(new DataView(memory.buffer).getFloat64(this.#places.work.result, true));
    });
  }

  /**
   * Updates the weights by one step of AdamW (Loshchilov and Hutter 2019), or of the optimizer of `shape`, and sets the
   * gradients to 0. Throws `invalid-option` for numbers that 32 bits do not hold.
   */
  async update(numbers: AdamWNumbers): Promise<void> {
    await this.#exclusive(async () => {
      const { memory } = this.#alive.memory;
      writeUpdate(new DataView(memory.buffer), this.#places.training, numbers);
      await this.#run('update');
    });
  }

  /**
   * The parts that are kept of a weight: all four if AdamW updates it, no second moments if Muon does, and of a frozen
   * one the weights alone. Throws `invalid-option` for a weight that the model does not have.
   */
  partsOf(parameter: Parameter): readonly TrainingPart[] {
    return this.#alive.state.partsOf(parameter);
  }

  /**
   * A loader of a part of the state, which takes pieces in the layout of a checkpoint, no longer than those
   * of `loadWeights`. Weights that it is not given keep their values.
   */
  loader(part: TrainingPart): WeightLoader {
    return this.#idle.loader(part);
  }

  /** @deprecated Use `loader`. */
  sink(part: TrainingPart): WeightLoader {
    return this.loader(part);
  }

  /** @deprecated Use `parameters`. */
  get slots(): readonly Parameter[] {
    return this.parameters;
  }

  /**
   * A copy of `rowCount` rows of a weight from `firstRow` on, in the layout of a checkpoint; a vector is one
   * row. By default all rows. Throws `invalid-option` for rows that the weight does not have, and during a
   * call.
   */
  read(part: TrainingPart, parameter: Parameter, firstRow = 0, rowCount?: number): Float32Array<ArrayBuffer> {
    return this.#idle.read(part, parameter, firstRow, rowCount);
  }

  /**
   * Writes whole rows of a weight from `firstRow` on, in the layout of a checkpoint. Throws as `read` does.
   */
  write(part: TrainingPart, parameter: Parameter, values: Float32Array, firstRow = 0): void {
    this.#idle.write(part, parameter, values, firstRow);
  }

  /**
   * A copy of rows of a weight as `read` gives them, of the numbers that `evaluate` and `accumulate` compute with: those
   * of `shape.quantize`, as f32, once they are used. Throws as `read` does.
   */
  readUsed(parameter: Parameter, firstRow = 0, rowCount?: number): Float32Array<ArrayBuffer> {
    return this.#idle.readUsed(parameter, this.#isQuantized, firstRow, rowCount);
  }

  /**
   * From now on, `evaluate` and `accumulate` read trained matrices in the format of `shape.quantize`, packed from their
   * f32 numbers after each change. Packing again what `readUsed` gives, as loading does, gives the same numbers. Throws
   * `invalid-option` without such a format, and during a call.
   */
  quantize(): void {
    void this.#idle;
    if (this.#places.packed === undefined) {
      throw new Gpt2Error('invalid-option', 'the shape of the training has no format to quantize to');
    }
    this.#isQuantized = true;
    const view = new DataView(this.#alive.memory.memory.buffer);
    writeDecoder(view, this.config, this.#places, true);
  }

  /** The packed panels of a frozen matrix, valid until the next call; undefined for a weight that has an f32 copy. */
  panels(parameter: Parameter): Uint8Array | undefined {
    return this.#idle.panels(parameter);
  }

  /** Format of the matrices that the passes read: `f32` until trained ones are quantized. */
  get weights(): WeightFormat {
    const { packed } = this.#places;
    return packed && (this.#isQuantized || packed.trained.length === 0) ? packed.format : 'f32';
  }

  get #alive(): {
    readonly memory: CoreMemory;
    readonly state: TrainState;
    readonly machine: Machine<TrainExports>;
  } {
    const state = this.#state;
    if (state === undefined) throw new Gpt2Error('disposed', 'the training was disposed; create it again');
    return { memory: this.#machine.alive.memory, state, machine: this.#machine };
  }

  /** The state; its staging is memory that a call uses. */
  get #idle(): TrainState {
    const { state } = this.#alive;
    if (this.#calls > 0) {
      throw new Gpt2Error(
        'invalid-option',
        'a call of training is under way; await it before reading or writing',
      );
    }
    return state;
  }

  /** Runs `work` after all earlier calls. */
  async #exclusive<R>(work: () => Promise<R>): Promise<R> {
    this.#calls++;
    try {
      return await this.#mutex.run(work);
    } finally {
      this.#calls--;
    }
  }

  /** Lets the threads run a call, with the arguments that are in the TRAINING. */
  async #run(kind: TrainingCall): Promise<void> {
    await this.#alive.machine.runner.run({ kind });
  }

  /** Checks a batch, puts it into place and computes it up to the head. */
  async #forward(input: Batch, options: MicrobatchOptions): Promise<ForwardedBatch> {
    const { memory } = this.#alive;
    const { config, shape } = this;
    const places = this.#places;
    checkBatch(input, shape, config);
    const rows = input.batch * input.length;
    this.#rows = rows;
    this.#stateRows = input.batch * stateRows(shape);
    writeBatch(memory, places, shape, input, options);
    await this.#run('forwardPass');
    const tile = logitsTile(config, shape.batch * shape.length);
    const run = () => this.#run('headPass');
    return { memory, places, rows, vocabSize: headRows(config), tile, run };
  }
}
