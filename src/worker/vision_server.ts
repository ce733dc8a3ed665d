import { modelDisposed } from '../base/errors.js';
import { borrowThreads } from '../host/platform.js';
import type { EncodeOptions } from '../tokenizer/encode_options.js';
import type { CaptionInput } from '../vision/caption_input.js';
import type { Captioner } from '../vision/captioner.js';
import { createCaptioner } from '../vision/create_captioner.js';
import type { ImageInput } from '../vision/images/image_input.js';
import type { ImageSize } from '../vision/pixels/seen_area.js';
import type { ServerPort, WireSource } from './protocol.js';
import { readable } from './readable_source.js';
import type { ServedStream } from './served_stream.js';
import type { VisionCalls, WireCaptionerOptions, WireCaptionOptions } from './vision_calls.js';

/** One method for each call, with the arguments of the call, then the id of its message and its signal. */
type VisionHandlers = {
  [K in keyof VisionCalls]: (
    ...args: [...Parameters<VisionCalls[K]>, id: number, signal: AbortSignal]
  ) => ReturnType<VisionCalls[K]> | Promise<ReturnType<VisionCalls[K]>>;
};

/** Answers the calls of a captioner's owner. */
export class VisionServer implements VisionHandlers {
  captioner: Captioner | undefined;
  readonly #port: ServerPort;
  readonly #streams: Map<number, ServedStream>;

  /** `streams`: those of the worker, by number. */
  constructor(port: ServerPort, streams: Map<number, ServedStream>) {
    this.#port = port;
    this.#streams = streams;
  }

  answer(name: string, args: readonly unknown[], id: number, signal: AbortSignal): unknown {
    const call = this[name as keyof VisionCalls] as (...args: readonly unknown[]) => unknown;
    return call.call(this, ...args, id, signal);
  }

  async load(source: WireSource, options: WireCaptionerOptions, id: number) {
    const { lendsThreads, ...rest } = options;
    if (lendsThreads) borrowThreads?.((thread, transfer) => this.#port.send({ thread }, transfer));
    const captioner = await createCaptioner(await readable(source), {
      ...rest,
      onProgress: (progress) => this.#port.send({ id, progress }),
      onDownload: (download) => this.#port.send({ id, download }),
    });
    this.captioner = captioner;
    return { config: captioner.config, pixelRanges: captioner.pixelRanges };
  }

  pixels(image: CaptionInput, _id: number, signal: AbortSignal) {
    return this.#loaded.pixels(image as ImageInput, { signal });
  }

  encode(pixels: Float32Array, _id: number, signal: AbortSignal) {
    return this.#loaded.encode(pixels, { signal });
  }

  logits(pixels: Float32Array, ids: readonly number[], _id: number, signal: AbortSignal) {
    return this.#loaded.logits(pixels, ids, { signal });
  }

  seenArea(size: ImageSize) {
    return this.#loaded.seenArea(size);
  }

  stream(number: number, image: CaptionInput, options: WireCaptionOptions) {
    const controller = new AbortController();
    const stream = this.#loaded.stream(image, { ...options, signal: controller.signal });
    this.#streams.set(number, { stream, controller });
  }

  encodeText(text: string, options: EncodeOptions) {
    return this.#loaded.tokenizer.encode(text, options);
  }

  decode(ids: readonly number[]) {
    return this.#loaded.tokenizer.decode(ids);
  }

  get #loaded(): Captioner {
    if (this.captioner === undefined) throw modelDisposed();
    return this.captioner;
  }
}
