import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { assertText } from '../choice_builder.js';
import type { CompletionProcessor } from '../processors/completion_processor.js';
import type { ResolvedOptions } from '../resolved_options.js';
import type { Sequence } from '../sequence.js';
import { maskCreator } from './create_masks.js';

/**
 * Makes the function that makes the mask of `bannedTexts` for each choice or beam of a generation. `rest`: bytes at
 * the end of the prompt, after its tokens, that the completion writes again.
 *
 * Throws `invalid-option` if no text is possible, and for a model without a tokenizer.
 */
export function bannedTextsMasks(
  options: ResolvedOptions,
  { contextLength, core }: Pick<Sequence, 'contextLength' | 'core'>,
  tokenizer: Tokenizer,
  prompt: readonly number[],
  rest: Uint8Array = new Uint8Array(0),
): () => CompletionProcessor {
  assertText('bannedTexts', tokenizer);
  const { bannedTexts, bannedTokens, stop, maxTokens, minTokens, contextFull, ignoreEos, format } = options;
  const room = contextFull === 'stop' ? contextLength + 1 - prompt.length : Number.POSITIVE_INFINITY;
  return maskCreator({
    ...{ bannedTexts: bannedTexts!, bannedTokens, stop, tokenizer, prompt, rest },
    most: Math.min(maxTokens, room),
    least: minTokens,
    endsAnywhere: format !== undefined,
    endTokens: ignoreEos ? [] : core.config.eosTokenIds,
  });
}
