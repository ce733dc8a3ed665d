import { Gpt2Error } from '../../base/errors.js';
import type { Core } from '../../core/types.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { loadedModels } from '../loaded_models.js';
import type { ResolvedOptions } from '../resolved_options.js';
import { assertSameVocabulary } from '../same_vocabulary.js';
import { ModelDraft } from './model_draft.js';
import { PromptLookup } from './prompt_lookup.js';
import type { Speculator } from './speculator.js';

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
  const draft = loadedModels.get(options.draft)!;
  assertSameVocabulary('draft', { core, tokenizer }, draft);
  return (index) => new ModelDraft(core, draft, options, index);
}
