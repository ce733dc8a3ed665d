import { invalidOption } from '../base/check_options.js';
import type { PromptInputs } from './inputs.js';
import { type AnyPrompt, isPrefixed } from './prefixed_prompt.js';
import type { Prompt } from './prompt.js';

/** A prompt's text, and options whose `inputs` hold what comes before it. Throws `invalid-option`. */
export function apart<O extends { readonly inputs?: PromptInputs | undefined }>(
  prompt: AnyPrompt,
  options: O,
): [Prompt, O] {
  if (!isPrefixed(prompt)) return [prompt, options];
  const { text = [], ...inputs } = prompt;
  if (options?.inputs === undefined) return [text, { ...options, inputs }];
  throw invalidOption('inputs', options.inputs, 'left out beside a prompt that is an object');
}
