import { Gpt2Error } from '../base/errors.js';
import { idsOnly } from './ids_only.js';
import { givenTokenizer, type TextTokenizer } from './own_tokenizer.js';
import type { Tokenizer } from './tokenizer.js';

/**
 * The tokenizer that a caller gave; or that of a model without one, because of the error that reading it ended with.
 * Throws any other error, with advice if the tokenizer is of a kind that is not read. `vocabSize`: the model's.
 */
export function rareTokenizer(
  given: Tokenizer | TextTokenizer | undefined,
  error: unknown,
  vocabSize: number,
): Tokenizer {
  if (given !== undefined) return givenTokenizer(given, vocabSize);
  if (error instanceof Gpt2Error && error.code === 'not-found') return idsOnly(error, vocabSize);
  throw advised(error);
}

/** An error of reading a tokenizer, with advice if it is of a kind that is not read. */
function advised(error: unknown): unknown {
  if (!(error instanceof Gpt2Error) || error.code !== 'unsupported') return error;
  const advice = 'or pass a tokenizer of your own: loadModel(source, { tokenizer: { encode, decode } })';
  return new Gpt2Error('unsupported', `${error.message}; ${advice}`, { cause: error });
}
