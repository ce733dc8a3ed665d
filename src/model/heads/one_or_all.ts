import type { Cancellation } from '../../base/cancellation.js';
import { allTexts } from '../../generate/each_text.js';
import type { AnyPrompt } from '../../generate/prefixed_prompt.js';
import { isTexts } from '../../score/texts.js';

/** The result of `judge` for one text, or those for several, which are evaluated together. */
export function oneOrAll<Input, Result>(
  input: Input | readonly Input[],
  signal: AbortSignal | undefined,
  judge: (text: Input, signal: Cancellation | undefined) => Promise<Result>,
): Promise<Result | Result[]> {
  return isTexts(input as AnyPrompt | readonly AnyPrompt[])
    ? allTexts(input as readonly AnyPrompt[], signal, (text, both) => judge(text as Input, both))
    : judge(input as Input, signal);
}
