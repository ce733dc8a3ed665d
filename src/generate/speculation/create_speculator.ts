import { Gpt2Error } from '../../base/errors.js';
import type { Core } from '../../core/types.js';
import { IdsOnly } from '../../tokenizer/ids_only.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { ResolvedOptions } from '../resolved_options.js';
import { draftables } from './draft_models.js';
import { ModelDraft } from './model_draft.js';
import { PromptLookup } from './prompt_lookup.js';
import type { Speculator } from './speculator.js';

/** How many tokens of two vocabularies are compared. */
const SAMPLES = 256;

/**
 * Returns a maker of the speculators that the options ask for, one for each completion, by its index. Throws
 * `invalid-option` if the draft model has another vocabulary.
 */
export function speculatorMaker(
  core: Core,
  tokenizer: Tokenizer,
  options: ResolvedOptions,
): (index: number) => Speculator {
  if (options.draft === undefined) return () => new PromptLookup(core);
  if (options.speculate !== undefined)
    throw new Gpt2Error('invalid-option', 'draft is a model, and speculate "prompt"; set one of them');
  const draft = draftables.get(options.draft)!;
  const { vocabSize } = draft.core.config;
  if (vocabSize !== core.config.vocabSize) {
    throw new Gpt2Error(
      'invalid-option',
      `draft needs the vocabulary of this model, ${core.config.vocabSize} tokens; it has one of ${vocabSize}`,
    );
  }
  assertSameTokens(tokenizer, draft.tokenizer, vocabSize);
  return (index) => new ModelDraft(core, draft, options, index);
}

/** Compares tokens at even distances of two vocabularies of the same size. */
function assertSameTokens(tokenizer: Tokenizer, other: Tokenizer, vocabSize: number): void {
  if (tokenizer instanceof IdsOnly || other instanceof IdsOnly || tokenizer === other) return;
  const step = Math.max(1, Math.floor(vocabSize / SAMPLES));
  for (let id = 0; id < vocabSize; id += step) {
    if (bytesOf(tokenizer, id) === bytesOf(other, id)) continue;
    throw new Gpt2Error(
      'invalid-option',
      `draft needs the vocabulary of this model: token ${id} is ${shown(tokenizer, id)} here and ${shown(other, id)} there`,
    );
  }
}

/** The bytes of a token as a text; undefined if there is no such token. */
function bytesOf(tokenizer: Tokenizer, id: number): string | undefined {
  try {
    return tokenizer.tokenBytes(id).join();
  } catch {
    return undefined;
  }
}

function shown(tokenizer: Tokenizer, id: number): string {
  return bytesOf(tokenizer, id) === undefined ? 'none' : JSON.stringify(tokenizer.decode([id]));
}
