import type { Cancellation } from '../../base/cancellation.js';
import { Gpt2Error } from '../../base/errors.js';
import { evaluateOnce } from '../../core/evaluate.js';
import type { Core, LogitsRow } from '../../core/types.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { startTokenOf } from '../prompt.js';
import type { PromptClassifier } from './filter.js';

/** The model that scores sentences. */
export interface FilterModel {
  readonly core: Core;
  readonly tokenizer: Tokenizer;
  readonly signal: Cancellation | undefined;
}

/**
 * Makes the test whether a sentence is more likely after one prompt than after another, by the model itself: the ratio
 * of the two class-conditional language models of GeDi (Krause et al. 2021), per token of the sentence. A sentence
 * that does not fit after the longer prompt is scored as far as it fits.
 */
export function promptClassifier(
  { prompts, threshold = 0 }: PromptClassifier,
  { core, tokenizer, signal }: FilterModel,
): (sentence: string) => Promise<boolean> {
  const { contextLength } = core.config;
  const start = startTokenOf(core.config);
  const contexts = prompts.map((prompt) => [
    ...(start === undefined ? [] : [start]),
    ...tokenizer.encode(prompt),
  ]);
  const longest = contexts.reduce((most, { length }) => Math.max(most, length), 0);
  if (longest >= contextLength) {
    throw new Gpt2Error(
      'context-full',
      `a prompt of the filter's classifier has ${longest} tokens, and a sentence must fit after it into the model's context of ${contextLength}; shorten it`,
    );
  }

  /** ln p of `sentence`, 1 or more tokens, after `context`. */
  async function logprob(context: readonly number[], sentence: readonly number[]): Promise<number> {
    const tokens = [...context, ...sentence];
    let sum = 0;
    const read = (row: LogitsRow, index: number) => {
      const next = tokens[index + 1];
      if (next !== undefined) sum += row.measure(next).logprob;
    };
    await evaluateOnce(core, { tokens, first: context.length - 1, read, signal }, 'filtering');
    return sum;
  }

  return async (sentence) => {
    const tokens = tokenizer.encode(sentence).slice(0, contextLength - longest);
    if (tokens.length === 0) return false;
    const [found, other] = await Promise.all(contexts.map((context) => logprob(context, tokens)));
    return (found! - other!) / tokens.length > threshold;
  };
}
