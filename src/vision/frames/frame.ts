import type { Caption, CaptionOptions } from '../caption.js';
import type { CaptionInput } from '../caption_input.js';

/** An image of a video. */
export interface Frame {
  /** When it is seen first: seconds from the start, 0 or more. */
  readonly time: number;
  /** The image, or its pixels. */
  readonly image: CaptionInput;
  /** For how many seconds it is seen. Default: for as long as the frame before. Of the last frame it says when the cue ends. */
  readonly duration?: number | undefined;
}

/** A caption and the time for which it is true. */
export interface Cue {
  /** Seconds from the start. */
  readonly start: number;
  /** Seconds from the start, more than `start`. */
  readonly end: number;
  /** The text of the caption. */
  readonly text: string;
  /** The caption of the frame at `start`. */
  readonly caption: Caption;
}

/** Which frames are captioned, and how. */
export interface FramesOptions extends CaptionOptions {
  /** Looks at one frame in so many seconds, and leaves out the others. 0, the default, looks at all. */
  readonly every?: number | undefined;
  /**
   * Captions a frame if it differs by more than this from the last one that was captioned: 0 to 1, default
   * 0.05. The difference is the mean, over the pixels and channels that the encoder takes, of the absolute
   * difference, as a share of the range from black to white. With 0 every frame that is not the same is
   * captioned.
   */
  readonly change?: number | undefined;
}
