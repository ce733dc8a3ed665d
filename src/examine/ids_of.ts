import { idList } from '../base/id_list.js';
import { type Prompt, promptTokens } from '../generate/prompt.js';
import type { Work } from '../model/remote_models.js';
import type { AnyModel } from './any_model.js';
import { checkModel, runOperation } from './run_operation.js';

/**
 * The token ids of texts, each at least one: an empty text is the token that begins a text. Throws `not-found` if
 * the model has no tokenizer.
 */
export function idsOfTexts(model: AnyModel, texts: readonly string[], { signal }: Work): Promise<number[][]> {
  return runOperation(model, 'encode', { texts }, { signal });
}

/** A text, or a checked copy of ids. Throws `invalid-option`, also for a model that is none. */
export function textOrIds(model: AnyModel, text: Prompt): string | number[] {
  checkModel(model);
  if (typeof text === 'string') return text;
  return idList(text, 'the text', 'a string or an array of token ids', model.config.vocabSize);
}

/** The token ids of a text as of `idsOfTexts`, or a checked copy of ids. Throws `invalid-option`. */
export async function idsOf(model: AnyModel, text: Prompt, work: Work): Promise<number[]> {
  const given = textOrIds(model, text);
  if (typeof given === 'string') return (await idsOfTexts(model, [given], work))[0]!;
  // Ids need no tokenizer; without any, they are the token that begins a text.
  return promptTokens(given, model.config, () => undefined as never);
}
