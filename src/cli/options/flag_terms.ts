import { flagOf } from './flag.js';
import { GENERATE_FLAGS } from './generate_flags.js';
import { TRAIN_FLAGS } from './train_flags.js';

/** Options of the library that commands have as flags of the same name. */
const NAMES: readonly string[] = [
  ...new Set([
    ...Object.keys(GENERATE_FLAGS),
    ...Object.keys(TRAIN_FLAGS),
    ...['vocabSize', 'minFrequency', 'rank', 'alpha', 'targets', 'stride'],
  ]),
];

// A name of several words cannot be prose; one of a single word can, except at the start of a message.
const ANYWHERE = new RegExp(`\\b(${NAMES.filter((name) => /[A-Z]/.test(name)).join('|')})\\b`, 'g');
const AT_START = new RegExp(`^(${NAMES.filter((name) => !/[A-Z]/.test(name)).join('|')})\\b(?= is |\\[)`);

/** A message of the library, with its options named by their flags. */
export function inFlagTerms(message: string): string {
  return message.replace(AT_START, flagOf).replace(ANYWHERE, flagOf);
}
