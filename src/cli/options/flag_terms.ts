import { flagOf } from './flag.js';
import { GENERATE_FLAGS } from './generate_flags.js';
import { TRAIN_FLAGS } from './train_flags.js';

/** Options of the library that commands have as flags of the same name. */
const NAMES: readonly string[] = [
  ...new Set([
    ...Object.keys(GENERATE_FLAGS),
    ...Object.keys(TRAIN_FLAGS),
    ...['fewShot', 'fewShotData', 'bootstrapIterations', 'limit'],
    ...[
      'vocabSize',
      'minFrequency',
      'hardShare',
      'teacherTexts',
      'lora',
      'rank',
      'alpha',
      'targets',
      'stride',
      'layers',
      'heads',
      'positions',
      'top',
      'revision',
      'draft',
      'observer',
      'measure',
      'falseAlarms',
    ],
  ]),
];

/** Names of one word that are no prose either. */
const NO_PROSE = ['recompute', 'lora', 'quantize'];
// A name of several words cannot be prose. One of a single word can, except at the start of a message and after
// words that come before options. A part of a path is no name.
const [BEFORE, AFTER] = ['(?<![\\w/\\\\.-])', '(?![\\w/\\\\-])'];
const anywhere = NAMES.filter((name) => /[A-Z]/.test(name) || NO_PROSE.includes(name));
const atStart = NAMES.filter((name) => !anywhere.includes(name));
const ANYWHERE = new RegExp(`${BEFORE}(${anywhere.join('|')})${AFTER}`, 'g');
const AT_START = new RegExp(
  `(?<=^|, but |: set |; set )(${atStart.join('|')})(?= is | needs | to | instead|\\[)`,
  'g',
);

/** A message of the library, with its options named by their flags. */
export function inFlagTerms(message: string): string {
  return message.replace(AT_START, flagOf).replace(ANYWHERE, flagOf);
}
