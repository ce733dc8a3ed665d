import { counted } from '../../base/counted.js';
import { type Choice, isPreference } from './choice.js';

/** Fewest preferences, or thumbs, that an adapter is trained on. */
export const FEWEST_PREFERENCES = 8;
export const FEWEST_THUMBS = 16;
/** Fewest of which some are held out to measure what was learned, and the share of these. */
const FEWEST_TO_HOLD_OUT = 20;
const HELD_OUT = 0.2;

/** Two continuations of a prompt, or one with a thumb. */
export type Example =
  | { readonly prompt: string; readonly chosen: string; readonly rejected: string }
  | { readonly prompt: string; readonly completion: string; readonly label: boolean };

/** How choices are learned from. */
export interface ChoicePlan {
  /** DPO learns from preferences, KTO from thumbs and from preferences as two thumbs each. */
  readonly loss: 'dpo' | 'kto';
  /** Examples in the order of the choices. */
  readonly examples: readonly Example[];
  /** Share of the examples that is held out. */
  readonly validation: number;
}

/** The numbers of stored choices by kind. */
export interface ChoiceCounts {
  readonly preferences: number;
  readonly good: number;
  readonly bad: number;
}

export function countsOf(choices: readonly Choice[]): ChoiceCounts {
  const preferences = choices.filter(isPreference).length;
  const good = choices.filter((choice) => !isPreference(choice) && choice.label).length;
  return { preferences, good, bad: choices.length - preferences - good };
}

/**
 * Learns from preferences alone if there are enough and at least as many as thumbs, otherwise from all choices
 * by thumbs. A sentence that says what is missing if there are too few.
 */
export function planOf(choices: readonly Choice[]): ChoicePlan | string {
  const { preferences, good, bad } = countsOf(choices);
  const thumbs = good + bad;
  const [ups, downs] = [good + preferences, bad + preferences];
  const usesPreferences = preferences >= FEWEST_PREFERENCES && preferences >= thumbs;
  if (!usesPreferences && ups + downs < FEWEST_THUMBS) {
    const needed = `${FEWEST_PREFERENCES} preferences or ${FEWEST_THUMBS} thumbs`;
    const there = `${counted(preferences, 'preference')} and ${counted(thumbs, 'thumb')}`;
    return `Learning needs ${needed}; there are ${there}. A preference counts as two thumbs.`;
  }
  if (ups === 0 || downs === 0) {
    const [missing, there] = ups === 0 ? ['good', 'bad'] : ['bad', 'good'];
    return `Learning from thumbs needs ${missing} continuations too: all are called ${there}.`;
  }
  const total = usesPreferences ? preferences : ups + downs;
  return {
    loss: usesPreferences ? 'dpo' : 'kto',
    examples: choices.flatMap(usesPreferences ? preferencesOf : thumbsOf),
    validation: total >= FEWEST_TO_HOLD_OUT ? HELD_OUT : 0,
  };
}

function preferencesOf(choice: Choice): Example[] {
  if (!isPreference(choice)) return [];
  const { prompt, chosen, rejected } = choice;
  return [{ prompt, chosen, rejected }];
}

function thumbsOf(choice: Choice): Example[] {
  const { prompt } = choice;
  if (!isPreference(choice)) return [{ prompt, completion: choice.completion, label: choice.label }];
  return [
    { prompt, completion: choice.chosen, label: true },
    { prompt, completion: choice.rejected, label: false },
  ];
}
