import { hasTexts } from '../model/stored_files.js';

/** A choice that the user has not made yet, as the page collects it. */
export type NewChoice = NewPreference | NewThumb;

interface Origin {
  /** Text before the continuations. */
  readonly prompt: string;
  /** Name of the model that wrote them; '' if it is not known. */
  readonly model: string;
  /** Day and time of the choice, in ISO 8601. */
  readonly time: string;
}

/** One of two continuations was preferred. */
export interface NewPreference extends Origin {
  readonly chosen: string;
  readonly rejected: string;
}

/** A continuation was called good or bad. */
export interface NewThumb extends Origin {
  readonly completion: string;
  /** Whether it is good. */
  readonly label: boolean;
}

/** A choice that the browser stores. `id` sorts by the time of storing. */
export type Choice = NewChoice & { readonly id: string };

/** Whether a stored value is a choice: another version of this page may have stored something else. */
export function isChoice(value: unknown): value is Choice {
  if (!hasTexts(value, ['id', 'prompt', 'model', 'time']) || Number.isNaN(Date.parse(value.time)))
    return false;
  return hasTexts(value, ['chosen', 'rejected'])
    ? !('completion' in value)
    : hasTexts(value, ['completion']) && typeof value.label === 'boolean' && !('chosen' in value);
}

/** Most choices that are stored; a new one replaces the oldest. */
export const MOST_CHOICES = 1000;
/** Most characters of a prompt, whose beginning is left out, and of a continuation. */
const MOST_PROMPT = 4000;
const MOST_ANSWER = 20_000;

export function isPreference<C extends NewChoice>(choice: C): choice is C & NewPreference {
  return 'chosen' in choice;
}

/** The choice with the end of a long prompt and the beginning of long continuations. */
export function shortened<C extends NewChoice>(choice: C): C {
  const prompt = endOf(choice.prompt);
  const start = (text: string) => text.slice(0, MOST_ANSWER);
  return isPreference(choice)
    ? { ...choice, prompt, chosen: start(choice.chosen), rejected: start(choice.rejected) }
    : { ...choice, prompt, completion: start((choice as NewThumb).completion) };
}

/** The end of a prompt, from a space on. */
function endOf(prompt: string): string {
  if (prompt.length <= MOST_PROMPT) return prompt;
  const end = prompt.slice(-MOST_PROMPT);
  const space = end.search(/\s/);
  return end.slice(Math.max(0, space));
}

/** The problem of a choice from which nothing can be learned; `undefined` if there is none. */
export function problemOf(choice: NewChoice): string | undefined {
  if (!isPreference(choice)) {
    return choice.completion === ''
      ? 'has an empty completion, from which nothing can be learned'
      : undefined;
  }
  if (choice.chosen === '' || choice.rejected === '') {
    return 'has an empty text, from which nothing can be learned';
  }
  return choice.chosen === choice.rejected ? 'has the same text as "chosen" and as "rejected"' : undefined;
}

/** A key that is the same for choices about the same texts, of which the later one replaces the earlier one. */
export function keyOf(choice: NewChoice): string {
  const texts = isPreference(choice) ? [choice.chosen, choice.rejected].sort() : [choice.completion];
  return JSON.stringify([choice.prompt, ...texts]);
}
