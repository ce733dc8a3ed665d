import type { Cancellation } from '../../base/cancellation.js';
import type { LoadedModel } from '../../generate/loaded_models.js';
import { type AnyPrompt, isPrefixed, type PrefixedPrompt } from '../../generate/prefixed_prompt.js';
import { type Prompt, promptTokens } from '../../generate/prompt.js';
import { readPromptRows } from '../prompt_rows.js';

/** A text's tokens, after the vectors before them. */
export interface PlacedText {
  readonly tokens: readonly number[];
  /** P */
  readonly vectors: number;
  /** Vectors and tokens together, as a prompt. */
  readonly prompt: AnyPrompt;
}

const advice = 'shorten it';

/** The tokens of a text; see `promptTokens`. */
export function tokensOf(
  { core, tokenizer }: LoadedModel,
  text: Prompt,
  mayBeEmpty = false,
  allowedSpecial: 'none' | 'all' = 'none',
): number[] {
  return promptTokens(text, core.config, () => tokenizer, { advice, mayBeEmpty, allowedSpecial });
}

/** A text, or vectors and a text, with its tokens. */
export function placedText(model: LoadedModel, given: AnyPrompt): PlacedText {
  if (!isPrefixed(given)) {
    const tokens = tokensOf(model, given);
    return { tokens, vectors: 0, prompt: tokens };
  }
  const { text = [], ...inputs }: PrefixedPrompt = given;
  const { embeddings } = inputs;
  const tokens = tokensOf(model, text, embeddings !== undefined);
  const vectors = Math.floor((embeddings?.length ?? 0) / model.core.config.channels);
  return { tokens, vectors, prompt: { ...inputs, text: tokens } };
}

/** Two texts as one, with the tokens of `separator` between them. */
export function joinedTexts(
  model: LoadedModel,
  first: Prompt,
  second: Prompt,
  separator: string | undefined,
): PlacedText {
  const between = separator === undefined ? [] : tokensOf(model, separator, true, 'all');
  const all = [...tokensOf(model, first, true), ...between, ...tokensOf(model, second, true)];
  const tokens = tokensOf(model, all);
  return { tokens, vectors: 0, prompt: tokens };
}

/** The final hidden states of a text [rows, C], row-major: `count` of them from row `from` on, all by default. */
export async function hiddenRows(
  { core, tokenizer }: LoadedModel,
  { prompt }: PlacedText,
  signal: Cancellation | undefined,
  { from = 0, count = Number.POSITIVE_INFINITY } = {},
): Promise<Float32Array> {
  const { channels } = core.config;
  let states = new Float32Array(0);
  let most = 0;
  const rows = {
    ...{ prompt, from, signal, inputs: undefined, edit: undefined, wanted: 'hidden' as const },
    begin: (all: number) => {
      most = Math.min(all, count);
      states = new Float32Array(most * channels);
    },
    read: ({ hidden }: { readonly hidden: Float32Array }, row: number) => {
      states.set(hidden, row * channels);
      return row + 1 < most;
    },
  };
  await readPromptRows(core, tokenizer, rows, 'evaluating');
  return states;
}
