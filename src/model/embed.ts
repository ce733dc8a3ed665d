import type { Cancellation } from '../base/cancellation.js';
import { checkOptionNames, invalidOption, quotedList } from '../base/check_options.js';
import type { Edit } from '../core/hooks/edit.js';
import type { Core } from '../core/types.js';
import { allTexts } from '../generate/each_text.js';
import type { PromptInputs } from '../generate/inputs.js';
import type { AnyPrompt } from '../generate/prefixed_prompt.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { readPromptRows } from './prompt_rows.js';

const POOLINGS = ['mean', 'last', 'none'] as const;

/** How a text becomes a vector. */
export interface EmbedOptions {
  /**
   * `mean` of the final hidden states of all tokens (default), that of the `last` token, which has read all
   * others, or `none`: those of all tokens.
   */
  readonly pooling?: (typeof POOLINGS)[number] | undefined;
  /** Divide each vector by its length, so that the dot product of two is their cosine. Default false. */
  readonly normalize?: boolean | undefined;
  /** Vectors before the tokens, which are pooled with them, and other positions. */
  readonly inputs?: PromptInputs | undefined;
  /** Changes of numbers inside the model; see `Model.trace`. Positions count from the first vector. */
  readonly edit?: readonly Edit[] | undefined;
  /** Ends the work with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

const OPTION_NAMES = Object.keys({
  pooling: true,
  normalize: true,
  inputs: true,
  edit: true,
  signal: true,
} satisfies Record<keyof EmbedOptions, true>);

/** Throws `invalid-option`. */
function checkEmbedOptions(options: EmbedOptions): void {
  checkOptionNames('embed', options, OPTION_NAMES);
  const { pooling = 'mean', normalize = false } = options;
  if (!POOLINGS.includes(pooling)) throw invalidOption('pooling', pooling, quotedList(POOLINGS));
  if (typeof normalize !== 'boolean') throw invalidOption('normalize', normalize, 'true or false');
}

/** The final hidden states of a text, pooled; see `Model.embed`. */
export async function embedText(
  core: Core,
  tokenizer: Tokenizer,
  text: AnyPrompt,
  options: EmbedOptions,
  signal?: Cancellation,
): Promise<Float32Array> {
  checkEmbedOptions(options);
  const { pooling = 'mean', normalize = false, inputs, edit } = options;
  const { channels } = core.config;
  let count = 0;
  /** [T, C] without pooling, else [C]; sums in double precision. */
  let pooled = new Float64Array(0);
  const rows = {
    prompt: text,
    inputs,
    edit,
    wanted: 'hidden' as const,
    signal: signal ?? options.signal,
    begin: (rowCount: number) => {
      count = rowCount;
      pooled = new Float64Array(pooling === 'none' ? rowCount * channels : channels);
    },
    read: ({ hidden }: { readonly hidden: Float32Array }, row: number) => {
      if (pooling === 'none') pooled.set(hidden, row * channels);
      else if (pooling === 'mean') for (let c = 0; c < channels; c++) pooled[c]! += hidden[c]!;
      else if (row === count - 1) pooled.set(hidden);
    },
  };
  await readPromptRows(core, tokenizer, rows, 'embedding');
  if (pooling === 'mean') for (let c = 0; c < channels; c++) pooled[c]! /= count;
  if (normalize)
    for (let i = 0; i < pooled.length; i += channels) toUnitLength(pooled.subarray(i, i + channels));
  return Float32Array.from(pooled);
}

/** Embeds texts together; see `Model.embed`. */
export async function embedTexts(
  core: Core,
  tokenizer: Tokenizer,
  texts: readonly AnyPrompt[],
  options: EmbedOptions,
): Promise<Float32Array[]> {
  checkEmbedOptions(options);
  return allTexts(texts, options.signal, (text, signal) => embedText(core, tokenizer, text, options, signal));
}

function toUnitLength(vector: Float64Array): void {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  // A vector of zeros has no direction.
  if (length > 0) for (let c = 0; c < vector.length; c++) vector[c]! /= length;
}
