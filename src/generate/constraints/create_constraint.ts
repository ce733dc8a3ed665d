import type { ModelConfig } from '../../architecture/gpt2/config.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { assertText } from '../choice_builder.js';
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
  assertText('format', tokenizer);
  const compiled = await compile(format);
  const endTokens = ignoreEos ? [] : eosTokenIds;
  return () => new Constraint({ format: compiled, tokenizer, vocabSize, endTokens, healed });
}
