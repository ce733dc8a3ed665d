import type { ImageInput } from '../../vision/images/image_input.js';
import type { ExampleData, ExampleDataset } from '../data/examples.js';

/** An image and its caption. One of `pixels`, `image` and `states` is given, and one of `text` and `ids`. */
export interface CaptionExample {
  /** The numbers that the encoder takes, [imageChannels, height, width]. */
  readonly pixels?: Float32Array | undefined;
  /** An image in any form that `Captioner.pixels` reads. */
  readonly image?: ImageInput | undefined;
  /** The final states of a frozen encoder, [S, its width], computed before. */
  readonly states?: Float32Array | undefined;
  /** The caption. */
  readonly text?: string | undefined;
  /** The caption as token ids, without those that begin and end it. */
  readonly ids?: ArrayLike<number> | undefined;
}

/** Captioned images of which any can be read at any time, such as those of a folder. */
export type CaptionDataset = ExampleDataset<CaptionExample>;

/** Captioned images to learn from. */
export type CaptionData = ExampleData<CaptionExample>;
