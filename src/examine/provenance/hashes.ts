import type { Choice } from '../../generate/completion.js';
import { sha256 } from './keys.js';
import type { RecordedChoice } from './record.js';

/** Hashes of the choices of a completion. */
export function recordedChoices(
  choices: readonly Pick<Choice, 'text' | 'tokens' | 'finishReason'>[],
): Promise<RecordedChoice[]> {
  return Promise.all(
    choices.map(async ({ text, tokens, finishReason }) => ({
      text: await sha256(text),
      tokens: await sha256(tokens.join(',')),
      finishReason,
    })),
  );
}
