import type { Work } from '../../model/remote_models.js';

/** How a watermark is read. */
export interface DetectWatermarkOptions extends Work {
  /**
   * Count each token once with each green list, however often the text has both: p is right only so. Default: true for
   * `unigram`; false for `kgw`, as transformers does in any case. SynthID-Text always leaves repeated contexts out.
   */
  readonly ignoreRepeatedNgrams?: boolean | undefined;
  /** Also give z of the text up to each token. Default false. */
  readonly byLength?: boolean | undefined;
}

/** The evidence for a watermark in a text. */
export type WatermarkDetection = GreenDetection | TournamentDetection;

interface Evidence {
  /** How many tokens count. */
  readonly tokens: number;
  /**
   * Standard deviations above what texts without the watermark have on average; 0 if no token counts, or if all tokens
   * look the same, as with a sampling table of ones.
   */
  readonly z: number;
  /**
   * How likely a text of as many tokens without the watermark has this z or a larger one, over all keys and by the
   * normal distribution; 1 in the same cases. Repetitions in a text that count each time make it too small.
   */
  readonly p: number;
  /** Index of the first token that can be judged; arrays have an entry for it and each later one. */
  readonly first: number;
  /** 1 for each token that counts, else 0. */
  readonly counts: Uint8Array;
  /** With `byLength`: z of the text up to each token that can be judged. */
  readonly zByLength?: Float64Array;
}

/** The evidence for a watermark of green lists. */
export interface GreenDetection extends Evidence {
  /** The kind of the watermark. */
  readonly kind: 'kgw' | 'unigram';
  /** How many of the tokens that count are green. */
  readonly green: number;
  /** Their share of the tokens that count; 0 if none does. */
  readonly fraction: number;
  /** `p` as transformers' `WatermarkDetector` approximates it: up to 0.13 more than `p`, and 0 far from the mean. */
  readonly transformersP: number;
  /** 1 for each green token, else 0. */
  readonly flags: Uint8Array;
}

/** The evidence for SynthID-Text. */
export interface TournamentDetection extends Evidence {
  /** The kind of the watermark. */
  readonly kind: 'synthid';
  /** Mean of the values of all layers, of tokens that count; about 0.5 without the watermark. 0 of none. */
  readonly mean: number;
  /** The same with weights from 10 for the first layer to 1 for the last, to which z belongs. */
  readonly weightedMean: number;
  /** The value, 0 or 1, of each token in each layer [tokens, layers], row by row. */
  readonly gValues: Uint8Array;
  /** 1 for each token whose context is not among the latest ones, else 0. */
  readonly isNewContext: Uint8Array;
  /** 1 for each token before the first end-of-text token, else 0. */
  readonly isBeforeEnd: Uint8Array;
}
