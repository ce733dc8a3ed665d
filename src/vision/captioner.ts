import { checkOptionNames } from '../base/check_options.js';
import { modelDisposed } from '../base/errors.js';
import { isFloat32Array } from '../base/float_array.js';
import { idList } from '../base/id_list.js';
import { withinMemory } from '../base/memory_error.js';
import { Resource } from '../base/resource.js';
import type { CaptionerConfig } from '../checkpoints/vision/config.js';
import type { EncoderCore } from '../core/encoder/encoder_core.js';
import { loadedModels } from '../generate/loaded_models.js';
import { drained, type TokenStream } from '../generate/token_stream.js';
import { logitsOf } from '../model/logits.js';
import type { Model, Runtime } from '../model/model.js';
import { modelToJson } from '../model/model_json.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { Caption, CaptionOptions, CaptionsOptions, CaptionToken } from './caption.js';
import type { CaptionInput } from './caption_input.js';
import { captionStream } from './caption_stream.js';
import { eachCaption, imagesOf } from './captions.js';
import { captionFrames } from './frames/caption_frames.js';
import type { Cue, Frame, FramesOptions } from './frames/frame.js';
import type { ImageReader } from './image_reader.js';
import type { ImageInput } from './images/image_input.js';
import { type Patches, patchesOf } from './patches.js';
import { type ImageSize, type SeenArea, seenArea } from './pixels/seen_area.js';

/** How work that is not a generation is ended. */
export interface CaptionerCall {
  /** Ends the work with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** The two models of a captioner, and what makes pixels of images. */
export interface CaptionerParts {
  readonly config: CaptionerConfig;
  readonly encoder: EncoderCore;
  readonly decoder: Model;
  readonly images: ImageReader;
}

/**
 * A loaded model that describes images: an encoder, and a GPT-2 that attends to its states. Every call after
 * `dispose` throws `disposed`.
 *
 * Calls may be made at any time, in any number. Images are encoded one after the other; captions that are
 * written at the same time are evaluated together, and have the same bits as alone.
 */
export class Captioner extends Resource {
  readonly #parts: CaptionerParts;
  #isDisposed = false;

  /** Use `loadCaptioner`. */
  constructor(parts: CaptionerParts) {
    super();
    this.#parts = parts;
  }

  /** The configuration of both models. */
  get config(): CaptionerConfig {
    return this.#parts.config;
  }

  /** How an image is cut into the patches that `attention` is about. */
  get patches(): Patches {
    return patchesOf(this.config.encoder);
  }

  /** The part of an image that its patches cover. `size`: that of the image, turned upright, in pixels. */
  seenArea(size: ImageSize): SeenArea {
    this.#assertAlive();
    return seenArea(this.#parts.images.plan, this.config.encoder, size);
  }

  /** By how much the pixels of each channel differ between black and white. */
  get pixelRanges(): readonly number[] {
    return this.#parts.images.ranges;
  }

  /** How both models run; `memoryBytes` is that of both together. */
  get runtime(): Runtime {
    const { decoder, encoder } = this.#parts;
    const { runtime } = decoder;
    return { ...runtime, memoryBytes: runtime.memoryBytes + encoder.memoryBytes };
  }

  /** The tokenizer of the captions. Throws `not-found` if the model has none. */
  get tokenizer(): Tokenizer {
    return this.#parts.decoder.tokenizer;
  }

  /**
   * The numbers that the encoder takes, [channels, height, width]: the image turned as its EXIF data say,
   * converted to RGB, resized, cropped, rescaled and normalized as `preprocessor_config.json` says.
   *
   * Throws `invalid-file` for a damaged image, `unsupported`, `invalid-option`, `out-of-memory`, `aborted`.
   */
  async pixels(image: ImageInput, call: CaptionerCall = {}): Promise<Float32Array> {
    const { signal } = this.#begin('pixels', call);
    return withinMemory(this.#parts.images.pixels(image, signal));
  }

  /**
   * The states that the decoder attends to, [S, C]: after the encoder's last layer norm and, if the widths of
   * the two models differ, `enc_to_dec_proj`. First come those of the class tokens (ViT has 1, DeiT 2), then
   * those of the patches, row by row. Throws `invalid-option`, `out-of-memory`, `aborted`.
   */
  async encode(pixels: Float32Array, call: CaptionerCall = {}): Promise<Float32Array> {
    const { signal } = this.#begin('encode', call);
    // A copy, since earlier images may come first.
    const encode = async () =>
      this.#parts.encoder.encode(isFloat32Array(pixels) ? pixels.slice() : pixels, signal);
    return withinMemory(encode());
  }

  /**
   * The decoder's logits after each token, T x V, row-major, for the image of these pixels. `ids` are all
   * tokens, from the start token (`config.startTokenId`) on, which stands alone if there are none.
   */
  async logits(
    pixels: Float32Array,
    ids: ArrayLike<number>,
    call: CaptionerCall = {},
  ): Promise<Float32Array> {
    const { signal } = this.#begin('logits', call);
    const { startTokenId, decoder } = this.config;
    const tokens = idList(ids, 'ids', 'an array of token ids', decoder.vocabSize);
    const encoderStates = await this.encode(pixels, { signal });
    const { core, tokenizer } = loadedModels.get(this.#parts.decoder)!;
    const prompt = tokens.length === 0 ? [startTokenId] : tokens;
    return logitsOf(core, tokenizer, prompt, { inputs: { encoderStates } }, signal);
  }

  /**
   * Describes an image, or several: a caption for each, in their order. Up to 8 are under way at the same
   * time; more wait. Captions are greedy unless options say otherwise. A model without a tokenizer gives
   * `tokens`, and an empty `text`.
   *
   * If the signal fires, captions end with the text so far and the finish reason `aborted`. Throws as
   * `pixels` and `Model.generate` do; for several images, the message says which one it is about.
   */
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

  /**
   * As `caption` for one image, but gives each token as it is chosen; the stream's `completion` is the
   * caption. Options that are common (see `GenerateOptions`) are checked by this call.
   */
  stream(image: CaptionInput, options: CaptionOptions = {}): TokenStream<CaptionToken, Caption> {
    this.#assertAlive();
    const { config, decoder } = this.#parts;
    const statesOf = async (signal: AbortSignal) =>
      this.encode(await this.#pixelsOf(image, signal), { signal });
    return captionStream(decoder, config, statesOf, options);
  }

  /**
   * Captions for a video: for each frame that differs from the last one that was captioned (see
   * `FramesOptions.change`) a caption, and a cue for it once the next one begins. Frames whose caption is the
   * same text share a cue. `webVtt` makes a file of the cues; frames come from `videoFrames`, `imageFrames`, or
   * any source, their times growing. If the signal fires, the last cue ends with the last frame.
   *
   * Throws as `caption` does, and `not-found` if the model has no tokenizer.
   */
  captionFrames(
    frames: Iterable<Frame> | AsyncIterable<Frame>,
    options: FramesOptions = {},
  ): AsyncGenerator<Cue, void> {
    const pixels = (image: CaptionInput, signal?: AbortSignal) => this.#pixelsOf(image, signal);
    const caption = (pixels: Float32Array, one: CaptionOptions) => this.caption(pixels, one);
    const assertText = () => this.tokenizer;
    return captionFrames({ pixelRanges: this.pixelRanges, pixels, caption, assertText }, frames, options);
  }

  /** Ends all calls and threads of both models and gives the memory back. */
  dispose(): void {
    this.#isDisposed = true;
    this.#parts.encoder.dispose();
    this.#parts.decoder.dispose();
  }

  /** The name of the class. */
  get [Symbol.toStringTag](): string {
    return 'Captioner';
  }

  /** Plain data about the captioner, for consoles and `JSON.stringify`. */
  toJSON(): object {
    return modelToJson(this);
  }

  async #pixelsOf(image: CaptionInput, signal: AbortSignal | undefined): Promise<Float32Array> {
    return isFloat32Array(image) ? image : this.pixels(image, { signal });
  }

  /** The checked options of a call. */
  #begin(name: string, call: CaptionerCall): CaptionerCall {
    this.#assertAlive();
    checkOptionNames(name, call, ['signal']);
    return call;
  }

  #assertAlive(): void {
    if (this.#isDisposed) throw modelDisposed();
  }
}
