import {
  PREFERENCE_LOSSES,
  type PreferenceTrainerOptions,
} from '../../train/preferences/preference_options.js';
import type { Flag } from './flag.js';

/** Options of `PreferenceTrainer.create` with their flags. */
export const PREFERENCE_FLAGS = {
  loss: {
    value: 'name',
    choices: PREFERENCE_LOSSES,
    help: 'dpo: beside the model before; simpo: for answers of different lengths; kto: from single answers',
    standard: 'dpo',
  },
  beta: {
    value: 'number',
    help: 'factor of rewards',
    range: 'above 0',
    standard: '0.1; with simpo 2',
  },
  gamma: { value: 'number', help: 'with simpo: wanted margin of rewards', range: '0 or more', standard: 0.5 },
  desirableWeight: {
    value: 'number',
    help: 'with kto: weight of answers whose label is true',
    range: '0 or more',
    standard: 1,
  },
  undesirableWeight: {
    value: 'number',
    help: 'with kto: weight of answers whose label is false',
    range: '0 or more',
    standard: 1,
  },
} satisfies Partial<Record<keyof PreferenceTrainerOptions, Flag>>;

/** The options given on the command line, without defaults, which the library has. */
export function preferenceOptions(
  values: object,
): Pick<PreferenceTrainerOptions, keyof typeof PREFERENCE_FLAGS> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => name in PREFERENCE_FLAGS));
}
