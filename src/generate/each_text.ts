import type { Cancellation } from '../base/cancellation.js';
import { Gpt2Error } from '../base/errors.js';
import { inOrder } from '../base/in_order.js';
import { BATCH_ROWS } from '../core/layout.js';
import { type AnyPrompt, isPrefixed } from './prefixed_prompt.js';

/** Of English text; only the number of texts under way depends on it. */
const CHARACTERS_PER_TOKEN = 4;

/** Texts under way fill a batch while the next one is chosen. */
const MOST_ROWS = 2 * BATCH_ROWS;

/** About how many rows a text takes; it is not checked yet. */
function rowsOf(text: AnyPrompt | undefined): number {
  if (isPrefixed(text)) return rowsOf(text.text);
  return 1 + (text?.length || 0) / (typeof text === 'string' ? CHARACTERS_PER_TOKEN : 1);
}

/**
 * Calls `run` for each text and yields the results in order. So many texts are under way at the same time
 * that they fill batches.
 */
export function eachText<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  textOf: (item: T) => AnyPrompt,
  signal: Cancellation | undefined,
  run: (item: T, index: number, signal: Cancellation) => Promise<R>,
): AsyncGenerator<R, void> {
  return inOrder(items, { size: (item) => rowsOf(textOf(item)), most: MOST_ROWS, signal, run });
}

/** The results of all texts of a list; an error says which text it is about. */
export async function allTexts<R>(
  texts: readonly AnyPrompt[],
  signal: Cancellation | undefined,
  run: (text: AnyPrompt, signal: Cancellation) => Promise<R>,
): Promise<R[]> {
  const runAt = (text: AnyPrompt, index: number, both: Cancellation) =>
    run(text, both).catch((error) => {
      throw atIndex(error, index);
    });
  const results: R[] = [];
  for await (const result of eachText(texts.slice(), (text) => text, signal, runAt)) results.push(result);
  return results;
}

/** An error that the caller can mend names the text. */
function atIndex(error: unknown, index: number): unknown {
  if (!(error instanceof Gpt2Error && ['invalid-option', 'context-full', 'not-found'].includes(error.code)))
    return error;
  return new Gpt2Error(error.code, `text ${index}: ${error.message}`, { cause: error });
}
