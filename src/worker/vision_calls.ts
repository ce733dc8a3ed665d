import type { CaptionerConfig } from '../checkpoints/vision/config.js';
import type { EncodeOptions } from '../tokenizer/encode_options.js';
import type { CaptionOptions } from '../vision/caption.js';
import type { CaptionInput } from '../vision/caption_input.js';
import type { LoadCaptionerOptions } from '../vision/captioner_options.js';
import type { ImageSize, SeenArea } from '../vision/pixels/seen_area.js';
import type { WireSource } from './protocol.js';

/** The options that can be sent. */
export interface WireCaptionerOptions
  extends Omit<LoadCaptionerOptions, 'signal' | 'onProgress' | 'onDownload' | 'tokenizer' | 'adapters'> {
  /** Whether the owner creates the threads. */
  readonly lendsThreads: boolean;
}

export type WireCaptionOptions = Omit<CaptionOptions, 'signal'>;

/** What a captioner's owner knows of it. */
export interface CaptionerFacts {
  readonly config: CaptionerConfig;
  readonly pixelRanges: readonly number[];
}

/** The calls about a captioner that a worker answers; see `Captioner`. */
export interface VisionCalls {
  load(source: WireSource, options: WireCaptionerOptions): CaptionerFacts;
  pixels(image: CaptionInput): Float32Array;
  encode(pixels: Float32Array): Float32Array;
  logits(pixels: Float32Array, ids: readonly number[]): Float32Array;
  seenArea(size: ImageSize): SeenArea;
  /** Opens a stream, whose tokens the calls of models give. */
  stream(stream: number, image: CaptionInput, options: WireCaptionOptions): void;
  encodeText(text: string, options: EncodeOptions): number[];
  decode(ids: readonly number[]): string;
}
