import type { PromptInputs } from './inputs.js';
import type { Prompt } from './prompt.js';

/** Vectors, such as a soft prompt or an encoder's states, and the text after them. */
export interface PrefixedPrompt extends PromptInputs {
  /** Text or token ids, which continue the vectors: none by default. */
  readonly text?: Prompt | undefined;
}

/** The prompt of a call that takes vectors too. */
export type AnyPrompt = Prompt | PrefixedPrompt;

/** Whether a prompt is an object of vectors and text. */
export function isPrefixed(prompt: AnyPrompt | undefined): prompt is PrefixedPrompt {
  const { text, embeddings, encoderStates } = (prompt ?? {}) as PrefixedPrompt;
  return (text ?? embeddings ?? encoderStates) !== undefined;
}
