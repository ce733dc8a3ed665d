import { Gpt2Error } from '../../base/errors.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';

/** The id of a token that a flag names by its text or, after `#`, by its id. Throws `invalid-option`. */
export function tokenOption(
  flag: string,
  given: string | undefined,
  tokenizer: Tokenizer,
): number | undefined {
  if (given === undefined) return undefined;
  if (/^#\d+$/.test(given)) return Number(given.slice(1));
  const ids = tokenizer.encode(given);
  if (ids.length === 1) return ids[0]!;
  const texts = ids.map((id) => JSON.stringify(tokenizer.decode([id])));
  throw new Gpt2Error(
    'invalid-option',
    `${flag} is ${JSON.stringify(given)}, which is ${ids.length} tokens${ids.length > 1 ? `, ${texts.join(' ')}` : ''}; ` +
      'give the text of one token, in most cases with a space before a word, or its id as #262',
  );
}
