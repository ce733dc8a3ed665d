import { invalidOption } from '../../base/check_options.js';

/** The word that hints are for. */
export interface HintedWord {
  /** The word to guess. */
  readonly answer: string;
  /** A word that is nearly right. */
  readonly alternative?: string | undefined;
}

/** A hint: each kind reveals more than the one before it. */
export interface Hint {
  /** What it reveals. */
  readonly kind: 'length' | 'letter' | 'alternative' | 'answer';
  /** The number of letters, the first letter, another word, or the answer. */
  readonly value: string;
}

/**
 * Hints for a word, each of which reveals a little more: its number of letters, its first letter, a word that
 * the model would expect in much the same way (if there is one), the word. Throws `invalid-option`.
 */
export function hints(word: HintedWord): Hint[] {
  const { answer, alternative } = word ?? {};
  if (typeof answer !== 'string' || answer === '') throw invalidOption('answer', answer, 'a word');
  if (alternative !== undefined && typeof alternative !== 'string') {
    throw invalidOption('alternative', alternative, 'a word');
  }
  const letters = [...answer];
  return [
    { kind: 'length', value: String(letters.length) },
    { kind: 'letter', value: letters[0]! },
    ...(alternative === undefined ? [] : [{ kind: 'alternative' as const, value: alternative }]),
    { kind: 'answer', value: answer },
  ];
}
