import { invalidOption } from '../base/check_options.js';
import { type Prompt, promptTokens } from '../generate/prompt.js';
import type { Work } from '../model/remote_models.js';
import type { AnyModel } from './any_model.js';
import { runOperation } from './run_operation.js';

/**
 * The token ids of texts, each at least one: an empty text is the token that begins a text. Throws `not-found` if
 * the model has no tokenizer.
 */
export function idsOfTexts(model: AnyModel, texts: readonly string[], { signal }: Work): Promise<number[][]> {
  return runOperation(model, 'encode', { texts }, { signal });
}

/** The token ids of a text as of `idsOfTexts`, or a checked copy of ids. Throws `invalid-option`. */
export async function idsOf(model: AnyModel, prompt: Prompt, work: Work): Promise<number[]> {
  if (typeof prompt === 'string') return (await idsOfTexts(model, [prompt], work))[0]!;
  return promptTokens(prompt, model.config, () => {
    throw invalidOption('text', prompt, 'a string or an array of token ids');
  });
}
