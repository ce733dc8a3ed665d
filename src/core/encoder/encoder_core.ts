import { padded } from '../../../assembly/abi.js';
import { type EncoderConfig, stateCount } from '../../architecture/vit/config.js';
import type { Cancellation } from '../../base/cancellation.js';
import { invalidOption } from '../../base/check_options.js';
import { aborted, Gpt2Error, throwIfAborted } from '../../base/errors.js';
import { areFinite } from '../../base/finite.js';
import { isFloat32Array } from '../../base/float_array.js';
import { Mutex } from '../../base/mutex.js';
import { nextTask } from '../../base/next_task.js';
import { now } from '../../base/timers.js';
import type { WeightFormat } from '../../dtypes/weight_formats.js';
import { instantiateCore } from '../abi/exports.js';
import { writeStruct } from '../abi/struct.js';
import type { Build } from '../binary.js';
import { compileCross } from '../cross/cross_binary.js';
import { CoreMemory } from '../memory.js';
import { Packer } from '../packing/packer.js';
import { type Linked, Machine } from '../threads/machine.js';
import type { ThreadPlan } from '../threads/plan.js';
import { ENCODER } from './encoder_struct.js';
import { gatherPatches } from './patches.js';
import { type EncoderPlaces, leastBytes, placeEncoder } from './place.js';
import { EncoderSlicer } from './slicer.js';

const WORK = 'encoding an image';

export interface EncoderSettings {
  readonly config: EncoderConfig;
  readonly build: Build;
  readonly weights: WeightFormat;
  readonly threads: ThreadPlan;
  /** Most bytes of core memory; default: what the runtime gives. */
  readonly maxMemory?: number | undefined;
  /** The binary `cross-*` of the build, compiled for as many threads, if the caller has it. */
  readonly module?: WebAssembly.Module | undefined;
}

/**
 * The compute core of one image encoder: its memory, which is planned once and does not grow, its weights and its
 * threads.
 */
export class EncoderCore {
  readonly config: EncoderConfig;
  readonly build: Build;
  readonly weights: WeightFormat;
  /** Packs the weights into core memory; usable until the first image is encoded. */
  readonly loader: Packer;
  readonly #machine: Machine;
  readonly #places: EncoderPlaces;
  readonly #slicer: EncoderSlicer;
  readonly #mutex = new Mutex();

  private constructor({ config, build, weights, threads }: EncoderSettings, linked: Linked) {
    const { memory, core } = linked;
    this.config = config;
    this.build = build;
    this.weights = weights;
    this.#places = placeEncoder(memory, core, config, weights, threads.count);
    this.loader = new Packer(memory, core, weights, this.#places.staging, this.#places.weight);
    const place = { model: this.#places.encoder, batch: 0, logits: 0 };
    this.#machine = new Machine(linked, build, threads, place);
    this.#slicer = new EncoderSlicer(config);
  }

  /**
   * Compiles, links and plans the memory of an encoder, whose weights are still zero; `startThreads` starts the
   * planned threads. Throws `runtime`, `out-of-memory`, and `invalid-option` for another module and if
   * `maxMemory` is too little.
   */
  static async create(settings: EncoderSettings): Promise<EncoderCore> {
    const { config, build, weights, threads, maxMemory } = settings;
    const least = leastBytes(config, weights);
    checkMemory(maxMemory, least);
    const shared = threads.count > 1;
    const memory = new CoreMemory(least, shared);
    const module = await compileCross(build, shared, settings.module);
    const core = await instantiateCore(module, memory.memory);
    const encoder = new EncoderCore(settings, { module, memory, core });
    checkMemory(maxMemory, memory.byteLength);
    return encoder;
  }

  /** As `Machine.startThreads`. */
  startThreads(): Promise<void> {
    return this.#machine.startThreads();
  }

  /** How many threads compute, and the reason for that number. */
  get threads(): ThreadPlan {
    return this.#machine.threads;
  }

  /** Bytes of WebAssembly memory that the encoder has. */
  get memoryBytes(): number {
    return this.#alive.memory.byteLength;
  }

  /** Ends the threads and releases the memory; every later call throws `disposed`. */
  dispose(): void {
    this.#machine.dispose();
  }

  /**
   * The states of an image [S, C], or [S, outputChannels] after a last matrix, from its pixels [imageChannels,
   * height, width]; class tokens come first, then patches row by row. Calls are computed one after the other; the
   * pixels must stay as they are until then, and the event loop runs between slices of the work. The result is the
   * same, to the last bit, for any number of threads and after any other images.
   *
   * Throws `invalid-option` for pixels of another number or not finite, `aborted`, `disposed`, and `runtime` if a
   * thread has died or the states are not finite.
   */
  async encode(pixels: Float32Array, signal?: Cancellation): Promise<Float32Array<ArrayBuffer>> {
    throwIfAborted(signal, WORK);
    this.#checkPixels(pixels);
    return this.#inTurn(() => this.#encode(pixels, signal), signal);
  }

  /**
   * The states [S, C] that all layers make of `states`, without what is before and after the layers: embedding, final
   * norm and last matrix. As `encode`; the numbers must be finite.
   */
  async transform(states: Float32Array, signal?: Cancellation): Promise<Float32Array<ArrayBuffer>> {
    return this.#inTurn(() => this.#transform(states, signal), signal);
  }

  async #inTurn<R>(work: () => Promise<R>, signal: Cancellation | undefined): Promise<R> {
    const done = await this.#mutex.run(work, signal);
    if (done === false) throw aborted(signal, WORK);
    return done as R;
  }

  async #transform(
    states: Float32Array,
    signal: Cancellation | undefined,
  ): Promise<Float32Array<ArrayBuffer>> {
    const { x } = this.#places;
    const { channels } = this.config;
    const stride = padded(channels);
    const rows = this.#alive.memory.f32(x, stateCount(this.config) * stride).fill(0);
    for (let at = 0, to = 0; at < states.length; at += channels, to += stride) {
      rows.set(states.subarray(at, at + channels), to);
    }
    await this.#run(1, this.#slicer.steps - 1, signal);
    return this.#rows(x, channels);
  }

  async #encode(pixels: Float32Array, signal: Cancellation | undefined): Promise<Float32Array<ArrayBuffer>> {
    const { normed, qkv, hidden } = this.#places;
    const { channels, outputChannels } = this.config;
    gatherPatches(this.#alive.memory, hidden, pixels, this.config);
    await this.#run(0, this.#slicer.steps, signal);
    return outputChannels === undefined ? this.#rows(normed, channels) : this.#rows(qkv, outputChannels);
  }

  /** Computes steps, a slice at a time. */
  async #run(first: number, end: number, signal: Cancellation | undefined): Promise<void> {
    for (let firstStep = first; firstStep < end; ) {
      if (firstStep > first) await nextTask();
      throwIfAborted(signal, WORK);
      const endStep = Math.min(end, this.#slicer.next(firstStep));
      const view = new DataView(this.#alive.memory.memory.buffer);
      writeStruct(view, this.#places.encoder, ENCODER, { firstStep, endStep });
      const began = now();
      await this.#machine.runner.run({ kind: 'encode' });
      this.#slicer.record(now() - began, firstStep, endStep);
      firstStep = endStep;
    }
  }

  /** The states at an address. Throws `runtime` if they are not finite. */
  #rows(from: number, width: number): Float32Array<ArrayBuffer> {
    const { memory } = this.#alive;
    const count = stateCount(this.config);
    const states = new Float32Array(count * width);
    for (let row = 0; row < count; row++) {
      states.set(memory.f32(from + 4 * padded(width) * row, width), row * width);
    }
    if (areFinite(states)) return states;
    throw new Gpt2Error(
      'runtime',
      'the encoder computed states that are NaN or infinite: its weights or its input are so large that 32-bit ' +
        'numbers overflow on the way',
    );
  }

  #checkPixels(pixels: Float32Array): void {
    const { imageChannels, imageSize } = this.config;
    const shape = [imageChannels, ...imageSize];
    const length = shape.reduce((product, size) => product * size);
    if (isFloat32Array(pixels) && pixels.length === length) {
      if (areFinite(pixels)) return;
      throw new Gpt2Error('invalid-option', 'pixels has a number that is NaN or infinite');
    }
    const found = isFloat32Array(pixels) ? `${pixels.length} numbers` : pixels;
    throw invalidOption('pixels', found, `a Float32Array of ${length} numbers, [${shape.join(', ')}]`);
  }

  get #alive(): Linked {
    return this.#machine.alive;
  }
}

function checkMemory(maxMemory: number | undefined, needed: number): void {
  if (maxMemory === undefined || maxMemory >= needed) return;
  throw invalidOption('maxMemory', maxMemory, `${needed} bytes or more for the encoder of this model`);
}
