import type { Choice, Completion, Token } from '../generate/completion.js';
import type { GenerateOptions } from '../generate/options.js';
import type { Prompt } from '../generate/prompt.js';
import type { WorkProgress } from '../model/remote_models.js';

/** How an image is described: the options of `generate`, except those that are about a text before. */
export interface CaptionOptions
  extends Omit<GenerateOptions, 'inputs' | 'heal' | 'edit' | 'guidance' | 'negativePrompt' | 'experts'> {
  /** Most tokens of a caption: 1 or more, default 64. */
  readonly maxTokens?: number | undefined;
  /**
   * As in `generate`, but 0 by default, which is greedy, unless `n` is above 1. `beams` and `penaltyAlpha`
   * search, and take none.
   */
  readonly temperature?: number | undefined;
  /** Text or token ids that the caption continues, such as "A photo of"; it is not part of the result. */
  readonly prompt?: Prompt | undefined;
  /**
   * Report for each token where the decoder looked in the image: the mean of its attention over layers and
   * heads; see `CaptionToken.attention`. Takes one more row for each token. Default false.
   */
  readonly attention?: boolean | undefined;
}

/** How several images are described. */
export interface CaptionsOptions extends CaptionOptions {
  /** Called after each image. */
  readonly onProgress?: ((progress: WorkProgress) => void) | undefined;
}

/** A token of a caption. */
export interface CaptionToken extends Token {
  /**
   * How much each patch of the image weighed when this token was chosen, row-major: `patches.rows` x
   * `patches.columns` of the captioner. What is missing from a sum of 1 is the weight of the class tokens.
   * Only with the option `attention`.
   */
  readonly attention?: Float32Array;
}

/** One of the `n` captions of an image, or one of those that beams `returned`. */
export interface CaptionChoice extends Choice {
  /** For each of `tokens`, as in `CaptionToken`; only with the option `attention`. */
  readonly attention?: readonly Float32Array[];
}

/** The caption of an image: the fields of its first choice, and all choices in `choices`. */
export interface Caption extends Completion, Omit<CaptionChoice, 'index'> {
  /** All choices, by index; the first one has the same fields as the caption. */
  readonly choices: readonly CaptionChoice[];
}
