import type { Prompt } from '../generate/prompt.js';

/** Whether the input of a call is a list of texts, and not one text or its token ids. */
export function isTexts(input: Prompt | readonly Prompt[]): input is readonly Prompt[] {
  return Array.isArray(input) && input.length > 0 && typeof input[0] !== 'number';
}
