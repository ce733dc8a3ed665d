/**
 * A watermark: a pattern in the choice of tokens that `detectWatermark` of `gpt2-wasm/examine` finds again with the
 * same settings. Its key is a secret: whoever has it can find the watermark, remove it and write it.
 */
export type Watermark = KgwWatermark | UnigramWatermark | SynthIdWatermark;

/**
 * The watermark of Kirchenbauer et al. (2023, "A Watermark for Large Language Models" and "On the Reliability of
 * Watermarks for Large Language Models"): the tokens before choose a green list among the vocabulary, and green
 * tokens become likelier. Settings and lists are those of transformers' `WatermarkingConfig` on a CPU.
 */
export interface KgwWatermark {
  /** Tells the kinds of watermarks apart. */
  readonly kind: 'kgw';
  /** Share of the vocabulary that is green: above 0, below 1; default 0.25. */
  readonly greenlistRatio?: number | undefined;
  /** Added to the logits of green tokens: 0 to 100, default 2. */
  readonly bias?: number | undefined;
  /** The key: an integer from 0 to 2^53 - 1, default 15485863, which everybody knows. */
  readonly hashingKey?: number | undefined;
  /**
   * `lefthash` (default): the last token chooses the list. `selfhash`: the last `contextWidth` tokens choose it, among
   * them the token that is judged; only the 40 likeliest tokens are judged.
   */
  readonly seedingScheme?: 'lefthash' | 'selfhash' | undefined;
  /**
   * How many tokens the text must have before one is judged, and, with `selfhash`, how many choose a list: 1 (default)
   * to 20.
   */
  readonly contextWidth?: number | undefined;
  /**
   * Green lists in place of those that the key gives, such as those of another generator of random numbers: token ids by
   * the last token or, with `selfhash`, by the `contextWidth` ids with the judged one at the end, joined by commas. After
   * other tokens nothing is green and nothing is judged.
   */
  readonly greenlists?:
    | Readonly<Record<string, readonly number[]>>
    | readonly (readonly number[])[]
    | undefined;
}

/**
 * The watermark of Zhao et al. (2023, "Provable Robust Watermarking for AI-Generated Text"): one green list for all
 * tokens, which resists changes of a text better, and can be guessed from many texts.
 */
export interface UnigramWatermark {
  /** Tells the kinds of watermarks apart. */
  readonly kind: 'unigram';
  /** Share of the vocabulary that is green: above 0, below 1; default 0.5. */
  readonly greenlistRatio?: number | undefined;
  /** Added to the logits of green tokens: 0 to 100, default 2. */
  readonly bias?: number | undefined;
  /** The key: an integer from 0 to 2^53 - 1. */
  readonly key: number;
}

/**
 * SynthID-Text (Dathathri et al. 2024, "Scalable watermarking for identifying large language model outputs"), without
 * distortion: tokens compete in a tournament with a layer for each key. Settings and values are those of transformers'
 * `SynthIDTextWatermarkingConfig` on a CPU.
 */
export interface SynthIdWatermark {
  /** Tells the kinds of watermarks apart. */
  readonly kind: 'synthid';
  /** How many tokens, the judged one included, give its values: 2 to 100, default 5. */
  readonly ngramLen?: number | undefined;
  /** The keys, 1 to 100 integers from 0 to 2^53 - 1; or one integer, of which 30 are made. */
  readonly keys: number | readonly number[];
  /** After a context that is among so many latest ones nothing is marked: 0 to 1,000,000, default 1024. */
  readonly contextHistorySize?: number | undefined;
  /** Whether the first `ngramLen` - 1 tokens are not marked. Default false. */
  readonly skipFirstNgramCalls?: boolean | undefined;
  /** Entries of the table of random bits: a power of two from 2 to 2^24, default 65536. */
  readonly samplingTableSize?: number | undefined;
  /** Seed of the table: an integer from 0 to 2^53 - 1, default 0. */
  readonly samplingTableSeed?: number | undefined;
  /** The table itself, zeros and ones, in place of size and seed. */
  readonly samplingTable?: ArrayLike<number> | undefined;
}
