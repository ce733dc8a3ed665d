import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Prompt } from '../../generate/prompt.js';
import type { ExampleData } from '../data/examples.js';

/** A prompt with two answers, of which a person or a rule prefers one. */
export interface PreferencePair {
  /** Text or token ids before both answers; an empty one becomes the token that begins a text. */
  readonly prompt: Prompt;
  /**
   * The better answer. A text is followed by the end-of-text token, as in TRL; token ids are taken as they are, so that
   * an answer that was cut has no end to learn.
   */
  readonly chosen: Prompt;
  /** The worse answer, as `chosen`. */
  readonly rejected: Prompt;
}

/** An answer with a thumb up or down. */
export interface JudgedAnswer {
  /** Text or token ids before the answer; an empty one becomes the token that begins a text. */
  readonly prompt: Prompt;
  /** The answer. A text is followed by the end-of-text token; token ids are taken as they are. */
  readonly completion: Prompt;
  /** Whether the answer is desirable. */
  readonly label: boolean;
}

/** Preferences to learn from: pairs for all losses; for `kto` also single answers. */
export type PreferenceData = ExampleData<PreferencePair | JudgedAnswer>;

/** An example as messages show it. */
export const PAIR = '{ prompt, chosen, rejected }';
const JUDGED = '{ prompt, completion, label }';

/** An example as a pair. Throws `invalid-option` unless it is one. */
export function pairOf(example: unknown): PreferencePair {
  if (!isObject(example)) throw invalidOption('the example', example, `an object ${PAIR}`);
  if (example.chosen !== undefined || example.rejected !== undefined) return example as never;
  if (example.completion === undefined) throw invalidOption('the example', example, `an object ${PAIR}`);
  throw new Gpt2Error(
    'invalid-option',
    `the example has a completion; the loss compares two answers: give ${PAIR}, or choose loss 'kto'`,
  );
}

/** An example as single answers: the two of a pair, or its own. Throws `invalid-option` if it has none. */
export function judgedOf(example: unknown): readonly JudgedAnswer[] {
  const right = `an object ${JUDGED} or ${PAIR}`;
  if (!isObject(example)) throw invalidOption('the example', example, right);
  if (example.completion === undefined) {
    if (example.chosen === undefined && example.rejected === undefined) {
      throw invalidOption('the example', example, right);
    }
    const { prompt, chosen, rejected } = example as unknown as PreferencePair;
    return [
      { prompt, completion: chosen, label: true },
      { prompt, completion: rejected, label: false },
    ];
  }
  const { label } = example;
  if (typeof label !== 'boolean') throw invalidOption('label', label, 'true or false');
  return [example as unknown as JudgedAnswer];
}

function isObject(example: unknown): example is Record<string, unknown> {
  return typeof example === 'object' && example !== null;
}
