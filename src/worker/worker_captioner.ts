import { checkOptionNames, invalidOption } from '../base/check_options.js';
import { modelDisposed } from '../base/errors.js';
import { isFloat32Array } from '../base/float_array.js';
import { idList } from '../base/id_list.js';
import { Resource } from '../base/resource.js';
import type { CaptionerConfig } from '../checkpoints/vision/config.js';
import type { ModelFiles } from '../files/model_files.js';
import { drained, type TokenStream } from '../generate/token_stream.js';
import { threadLender } from '../host/workers/platform.js';
import { LOAD_OPTION_NAMES } from '../model/load_options.js';
import type { Runtime } from '../model/model.js';
import { modelToJson } from '../model/model_json.js';
import type { EncodeOptions } from '../tokenizer/encode_options.js';
import type { Caption, CaptionOptions, CaptionsOptions, CaptionToken } from '../vision/caption.js';
import type { CaptionInput } from '../vision/caption_input.js';
import { generateOptionsOf } from '../vision/caption_options.js';
import type { CaptionerCall } from '../vision/captioner.js';
import { eachCaption, imagesOf } from '../vision/captions.js';
import { captionFrames } from '../vision/frames/caption_frames.js';
import type { Cue, Frame, FramesOptions } from '../vision/frames/frame.js';
import type { ImageInput } from '../vision/images/image_input.js';
import { type Patches, patchesOf } from '../vision/patches.js';
import type { ImageSize, SeenArea } from '../vision/pixels/seen_area.js';
import { cancellable } from './cancellable.js';
import type { Connection } from './connection.js';
import { inNewWorker } from './new_worker.js';
import { openRemoteStream } from './remote_tokens.js';
import type { CaptionerFacts, VisionCalls } from './vision_calls.js';
import { wireImage } from './wire_image.js';
import { buffersOf, wireSource } from './wire_source.js';
import type { WorkerCaptionerOptions } from './worker_captioner_options.js';

/** See `loadWorkerCaptioner`. */
export async function createWorkerCaptioner(
  source: string | URL | ModelFiles,
  options: WorkerCaptionerOptions,
): Promise<WorkerCaptioner> {
  const names = LOAD_OPTION_NAMES.filter((name) => name !== 'adapters');
  checkOptionNames('loadWorkerCaptioner', options, [...names, 'preprocessor', 'worker']);
  const { worker, signal, onProgress, onDownload, ...rest } = options;
  return inNewWorker(worker, signal, async (connection) => {
    const wire = await wireSource(source);
    const args = [wire, { ...rest, lendsThreads: threadLender !== undefined }];
    const work = connection.newNumber();
    const listeners = { onProgress, onDownload };
    const facts = await connection.call('vision', [work, 'load', args], buffersOf(wire), listeners);
    return new WorkerCaptioner(connection, facts as CaptionerFacts);
  });
}

/** A captioner that runs in a worker: the calls of `Captioner`. Every call after `dispose` throws `disposed`. */
export class WorkerCaptioner extends Resource {
  /** The configuration of both models. */
  readonly config: CaptionerConfig;
  /** As `Captioner.pixelRanges`. */
  readonly pixelRanges: readonly number[];
  /** The tokenizer of the captions, in the worker. */
  readonly tokenizer: {
    /** As `Tokenizer.encode`. */
    encode(text: string, options?: EncodeOptions): Promise<number[]>;
    /** As `Tokenizer.decode`. */
    decode(ids: ArrayLike<number>): Promise<string>;
  };
  readonly #connection: Connection;

  /** Use `loadWorkerCaptioner`. */
  constructor(connection: Connection, { config, pixelRanges }: CaptionerFacts) {
    super();
    this.#connection = connection;
    this.config = config;
    this.pixelRanges = pixelRanges;
    this.tokenizer = {
      encode: (text, options = {}) => this.#ask('encodeText', [text, options]),
      decode: async (ids) => this.#ask('decode', [idList(ids, 'what decode takes', 'an array of token ids')]),
    };
  }

  /** As `Captioner.patches`. */
  get patches(): Patches {
    return patchesOf(this.config.encoder);
  }

  /** How both models run; `memoryBytes` is that of the latest answer of the worker. */
  get runtime(): Runtime {
    this.#connection.assertOpen();
    return this.#connection.runtime!;
  }

  /** As `Captioner.pixels`. */
  async pixels(image: ImageInput, call: CaptionerCall = {}): Promise<Float32Array> {
    return this.#ask('pixels', [await wireImage(image)], call);
  }

  /** As `Captioner.encode`. */
  async encode(pixels: Float32Array, call: CaptionerCall = {}): Promise<Float32Array> {
    return this.#ask('encode', [pixels], call);
  }

  /** As `Captioner.logits`. */
  async logits(
    pixels: Float32Array,
    ids: ArrayLike<number>,
    call: CaptionerCall = {},
  ): Promise<Float32Array> {
    const { vocabSize } = this.config.decoder;
    return this.#ask('logits', [pixels, idList(ids, 'ids', 'an array of token ids', vocabSize)], call);
  }

  /** As `Captioner.seenArea`. */
  async seenArea(size: ImageSize): Promise<SeenArea> {
    // An element with a size cannot be sent.
    return this.#ask('seenArea', [{ width: size?.width, height: size?.height }]);
  }

  /** As `Captioner.caption`. */
  caption(images: readonly CaptionInput[], options?: CaptionsOptions): Promise<Caption[]>;
  caption(image: CaptionInput, options?: CaptionOptions): Promise<Caption>;
  caption(files: ArrayLike<File>, options?: CaptionsOptions): Promise<Caption[]>;
  async caption(
    input: CaptionInput | readonly CaptionInput[] | ArrayLike<File>,
    options: CaptionsOptions = {},
  ): Promise<Caption | Caption[]> {
    const images = imagesOf(input);
    if (images === undefined) return drained(this.stream(input as CaptionInput, options));
    return eachCaption(images, options, (image, one) => this.stream(image, one));
  }

  /** As `Captioner.stream`. */
  stream(image: CaptionInput, options: CaptionOptions = {}): TokenStream<CaptionToken, Caption> {
    const connection = this.#connection;
    connection.assertOpen();
    // Models and functions cannot be sent there.
    for (const name of ['draft', 'processors'] as const) {
      if (options?.[name] !== undefined) throw invalidOption(name, options[name], 'left out in a worker');
    }
    generateOptionsOf(options, this.config.decoder);
    return openRemoteStream(connection, {
      open: async (stream, sent) => {
        await this.#ask('stream', [stream, isFloat32Array(image) ? image : await wireImage(image), sent]);
      },
      ...{ options, owner: this },
    });
  }

  /** As `Captioner.captionFrames`. */
  captionFrames(
    frames: Iterable<Frame> | AsyncIterable<Frame>,
    options: FramesOptions = {},
  ): AsyncGenerator<Cue, void> {
    const pixels = async (image: CaptionInput, signal?: AbortSignal) =>
      isFloat32Array(image) ? image : this.pixels(image, { signal });
    const caption = (pixels: Float32Array, one: CaptionOptions) => this.caption(pixels, one);
    const assertText = () => this.tokenizer.decode([]);
    return captionFrames({ pixelRanges: this.pixelRanges, pixels, caption, assertText }, frames, options);
  }

  /** Ends the worker, with whatever it is doing, and gives the memory back. */
  dispose(): void {
    this.#connection.stop(modelDisposed());
  }

  /** The name of the class. */
  get [Symbol.toStringTag](): string {
    return 'WorkerCaptioner';
  }

  /** Plain data about the captioner, for consoles and `JSON.stringify`. */
  toJSON(): object {
    return modelToJson(this);
  }

  /** Makes a call that the signal of its options cancels. */
  #ask<K extends keyof VisionCalls>(
    name: K,
    args: Parameters<VisionCalls[K]>,
    call: CaptionerCall = {},
  ): Promise<ReturnType<VisionCalls[K]>> {
    const ask = async (work: number) => this.#connection.call('vision', [work, name, args]);
    return cancellable(this.#connection, call, 'captioning', ask) as Promise<ReturnType<VisionCalls[K]>>;
  }
}
