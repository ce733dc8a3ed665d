import type { AnyPrompt } from '../generate/prefixed_prompt.js';

/** Whether the input of a call is a list of texts, and not one text or its token ids. */
export function isTexts<T extends AnyPrompt>(input: T | readonly T[]): input is readonly T[] {
  return Array.isArray(input) && input.length > 0 && typeof input[0] !== 'number';
}
