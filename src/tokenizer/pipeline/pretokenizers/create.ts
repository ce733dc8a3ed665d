import { WORD_CHARACTER } from '../../added_tokens.js';
import { byteSymbols } from '../normalizers/byte_level.js';
import { prepend } from '../normalizers/characters.js';
import { replace } from '../normalizers/replace.js';
import { type Part, stepsOf } from '../part.js';
import { classPattern, Pattern, patternOf, textPattern } from '../regex/pattern.js';
import type { AlignedText } from '../text/aligned_text.js';
import { BEHAVIORS, splitAt } from './split.js';

/** Splits a text, which is not empty, into pieces that are encoded on their own. */
export type PreTokenizer = (text: AlignedText) => readonly AlignedText[];

/** GPT-2's split pattern. */
const GPT2 = new Pattern(
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu,
  "GPT-2's split pattern",
);
const SPACE = textPattern(' ');
const WHITE_SPACE = classPattern(String.raw`\p{White_Space}`);
const PUNCTUATION = classPattern(String.raw`!-\/:-@\[-\u0060\{-~\p{P}`);
const DIGIT = classPattern(String.raw`\p{N}`);
const WORDS = new Pattern(
  new RegExp(`${WORD_CHARACTER}+|[^${WORD_CHARACTER.slice(1, -1)}\\p{White_Space}]+`, 'gu'),
  'the pattern of words',
);

/** By type: the function that reads a pre-tokenizer. */
const PRE_TOKENIZERS: Readonly<Record<string, (part: Part) => PreTokenizer>> = {
  ByteLevel: byteLevel,
  Metaspace: metaspace,
  Whitespace: () => (text) => splitAt(text, WORDS, 'Removed', true),
  WhitespaceSplit: () => (text) => splitAt(text, WHITE_SPACE, 'Removed'),
  BertPreTokenizer: () => (text) =>
    splitAt(text, WHITE_SPACE, 'Removed').flatMap((word) => splitAt(word, PUNCTUATION, 'Isolated')),
  Punctuation: (part) => {
    const behavior = part.oneOf('behavior', BEHAVIORS, 'Isolated');
    return (text) => splitAt(text, PUNCTUATION, behavior);
  },
  Digits: (part) => {
    const behavior = part.flag('individual_digits', false) ? 'Isolated' : 'Contiguous';
    return (text) => splitAt(text, DIGIT, behavior);
  },
  CharDelimiterSplit: (part) => {
    const pattern = textPattern(part.shortText('delimiter'));
    return (text) => splitAt(text, pattern, 'Removed');
  },
  Split: (part) => {
    const pattern = patternOf(part);
    const behavior = part.oneOf('behavior', BEHAVIORS);
    const invert = part.flag('invert', false);
    return (text) => splitAt(text, pattern, behavior, invert);
  },
};

function byteLevel(part: Part): PreTokenizer {
  const addSpace = prepend(' ');
  const addsSpace = part.flag('add_prefix_space', false);
  const splits = part.flag('use_regex', true);
  return (text) => {
    const spaced = addsSpace && !text.text.startsWith(' ') ? addSpace(text) : text;
    return (splits ? splitAt(spaced, GPT2, 'Isolated') : [spaced]).map(byteSymbols);
  };
}

/** Schemes of a Metaspace: whether it puts the mark before every piece of text, the first one, or none. */
const SCHEMES = ['always', 'first', 'never'] as const;

function metaspace(part: Part): PreTokenizer {
  const mark = part.text('replacement', '\u2581');
  if ([...mark].length !== 1) throw part.invalid(`replacement ${JSON.stringify(mark)} is not one character`);
  // Older files have add_prefix_space in place of the scheme.
  const scheme = part.oneOf(
    'prepend_scheme',
    SCHEMES,
    part.flag('add_prefix_space', true) ? 'always' : 'never',
  );
  const splits = part.flag('split', true);
  const markSpaces = replace(SPACE, mark);
  const addMark = prepend(mark);
  const marks = textPattern(mark);
  return (text) => {
    const marked = markSpaces(text);
    const isWanted = scheme === 'always' || (scheme === 'first' && marked.starts?.[0] === 0);
    const whole = isWanted && !marked.text.startsWith(mark) ? addMark(marked) : marked;
    return splits ? splitAt(whole, marks, 'MergedWithNext') : [whole];
  };
}

/** The steps of a pre-tokenizer. Throws `invalid-file` and `unsupported`. */
export function createPreTokenizer(value: unknown, file: string): readonly PreTokenizer[] {
  const steps = stepsOf(value, 'pre-tokenizer', 'pretokenizers', file, PRE_TOKENIZERS);
  return steps.map((part) => PRE_TOKENIZERS[part.type]!(part));
}

/** Whether a pre-tokenizer asks if a text begins where the original does. */
export function asksForStart(value: unknown): boolean {
  return JSON.stringify(value ?? null).includes('"prepend_scheme":"first"');
}
