import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { Gpt2Error } from '../../base/errors.js';
import { IdsOnly } from '../../tokenizer/ids_only.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { ResolvedOptions } from '../resolved_options.js';
import { compile } from './compile_format.js';
import { Constraint } from './constraint.js';
import type { Format } from './format.js';

/**
 * Makes the constraint of each completion. `healed`: bytes of the prompt's end that a completion writes again first.
 * Throws `invalid-option`.
 */
export async function constraintMaker(
  { ignoreEos }: ResolvedOptions,
  format: Format,
  tokenizer: Tokenizer,
  { eosTokenIds, vocabSize }: ModelConfig,
  healed: Uint8Array,
): Promise<() => Constraint> {
  if (tokenizer instanceof IdsOnly) {
    const { reason } = tokenizer;
    throw new Gpt2Error('invalid-option', `format needs the text of tokens, and ${reason.message}`, {
      cause: reason,
    });
  }
  const compiled = await compile(format);
  const endTokens = ignoreEos ? [] : eosTokenIds;
  return () => new Constraint({ format: compiled, tokenizer, vocabSize, endTokens, healed });
}
