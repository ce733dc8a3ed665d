import { checkNumber, finite, notNegative, whole } from '../../base/check_number.js';
import { invalidOption } from '../../base/check_options.js';
import { throwIfAborted } from '../../base/errors.js';
import type { Prompt } from '../../generate/prompt.js';
import type { Work } from '../../model/remote_models.js';
import { permutation } from '../../train/data/shuffle.js';
import type { AnyModel } from '../any_model.js';
import type { Examination } from '../text/examination.js';
import { examine } from '../text/examine.js';
import { ALTERNATIVES, candidatesAt } from './candidates.js';
import { type ClozeBounds, type ClozeWord, spread, wordsToAsk } from './cloze_rule.js';
import { withDefaults } from './defaults.js';
import { fits, hasRoom, nearness, placeOf } from './place.js';
import { type Extent, partAt } from './spans.js';

/** Which words of a text are asked, and how. */
export interface ClozeOptions extends Work {
  /** Most items. Default 10. */
  readonly count?: number | undefined;
  /** Words to choose from, the answer included: 2 to 8. Default 4. */
  readonly choices?: number | undefined;
  /** Least surprisal of a word to ask, in bits: words below it can be guessed at once. Default 1. */
  readonly minBits?: number | undefined;
  /** Most surprisal of a word to ask, in bits: the text does not lead to words above it. Default 9. */
  readonly maxBits?: number | undefined;
  /** Most rank of the first token of a word. Default 50. */
  readonly maxRank?: number | undefined;
  /** Least number of letters of a word to ask. Default 3. */
  readonly minLetters?: number | undefined;
  /** Least number of words from one blank to the next. Default 6. */
  readonly spacing?: number | undefined;
  /** Orders the choices. Default 0. */
  readonly seed?: number | undefined;
}

/** A wrong choice. */
export interface Distractor {
  /** The word. */
  readonly text: string;
  /** How much less likely the sentence is with it than with the answer, in bits. */
  readonly bits: number;
}

/** A blank in a text. */
export interface ClozeItem extends Extent {
  /** The word that belongs in the blank: the examined text from `start` to `end`. */
  readonly answer: string;
  /** The sentence with the blank. */
  readonly sentence: Extent;
  /** Surprisal of the answer, in bits. */
  readonly surprisal: number;
  /** Rank of its first token: 1 is the likeliest. */
  readonly rank: number;
  /** The answer and the distractors in an order by seed; the answer alone if the model finds no other word. */
  readonly choices: readonly string[];
  /** The wrong choices, those that fit best first. */
  readonly distractors: readonly Distractor[];
  /** A word that is nearly right, and not among the choices: a hint. */
  readonly alternative: string | undefined;
}

const DEFAULTS = {
  count: 10,
  choices: 4,
  minBits: 1,
  maxBits: 9,
  maxRank: 50,
  minLetters: 3,
  spacing: 6,
  seed: 0,
};
/** Other words that are tried in a blank. */
const CANDIDATES = 10;
/** How much less likely than the answer an `alternative` may make the sentence, in bits. */
const MOST_ALTERNATIVE_BITS = 8;

/**
 * Makes a cloze exercise of a text: blanks in the place of words that can be predicted but need thought.
 *
 * A word is asked if it is a word of letters, not the first of the text, its surprisal is from `minBits` to
 * `maxBits`, the rank of its first token at most `maxRank`, and it has at most a quarter of the model's context. Of these, the `count` nearest to the middle of
 * `minBits` and `maxBits` are taken, each at least `spacing` words after the one before it.
 *
 * Distractors are likely words at the blank, ordered by the probability of the sentence with them. Words that
 * make the sentence likelier than the answer does are left out, since they may be right as well; so is the word
 * after which the model's state is nearest to that after the answer, which is the `alternative`.
 *
 * Throws `invalid-option`, and as `examine` does. Progress counts the tokens of the text, then the items.
 */
export async function clozeItems(
  model: AnyModel,
  text: Prompt,
  options: ClozeOptions = {},
): Promise<ClozeItem[]> {
  resolve(options);
  const { signal, onProgress } = options;
  const examination = await examine(model, text, { top: ALTERNATIVES, signal, onProgress });
  return clozeItemsOf(model, examination, options);
}

/** As `clozeItems`, of a text that was examined with at least a few alternatives a token. */
export async function clozeItemsOf(
  model: AnyModel,
  examination: Examination,
  options: ClozeOptions = {},
): Promise<ClozeItem[]> {
  const resolved = resolve(options);
  const { signal, onProgress } = options;
  const { contextLength } = model.config;
  const words = wordsToAsk(examination, resolved).filter((word) => hasRoom(examination, word, contextLength));
  const asked = spread(words, resolved.count, resolved.spacing);
  const items: ClozeItem[] = [];
  for (const word of asked) {
    throwIfAborted(signal, 'making an exercise');
    const rated = await rateCandidates(model, examination, word, signal);
    items.push(itemOf(examination, word, rated, resolved));
    onProgress?.({ done: items.length, total: asked.length });
  }
  return items;
}

interface Candidate extends Distractor {
  readonly nearness: number;
}

async function rateCandidates(
  model: AnyModel,
  examination: Examination,
  word: ClozeWord,
  signal: AbortSignal | undefined,
): Promise<Candidate[]> {
  const candidates = candidatesAt(examination, word, CANDIDATES);
  if (candidates.length === 0) return [];
  const place = placeOf(examination, word, model.config.contextLength);
  const answer = examination.text.slice(word.start, word.end);
  const [own, ...others] = await fits(model, place, [answer, ...candidates], signal);
  const near = await nearness(model, place, answer, candidates, signal);
  return candidates.map((candidate, i) => ({
    text: candidate,
    bits: (own! - others[i]!) / Math.LN2,
    nearness: near[i]!,
  }));
}

function itemOf(
  { text, sentences }: Examination,
  { start, end, surprisal, rank, index }: ClozeWord,
  rated: readonly Candidate[],
  { choices, seed }: Pick<Resolved, 'choices' | 'seed'>,
): ClozeItem {
  const answer = text.slice(start, end);
  const nearest = rated
    .filter(({ bits }) => bits <= MOST_ALTERNATIVE_BITS)
    .reduce<Candidate | undefined>(
      (best, each) => (best === undefined || each.nearness > best.nearness ? each : best),
      undefined,
    );
  const distractors = rated
    .filter((candidate) => candidate !== nearest && candidate.bits > 0)
    .sort((a, b) => a.bits - b.bits)
    .slice(0, choices - 1)
    .map(({ text, bits }) => ({ text, bits }));
  const sentence = sentences[partAt(sentences, start)]!;
  const all = [answer, ...distractors.map(({ text }) => text)];
  return {
    ...{ start, end, answer, surprisal, rank, distractors },
    sentence: { start: sentence.start, end: sentence.end },
    choices: Array.from(permutation(all.length, seed, index), (i) => all[i]!),
    alternative: nearest?.text,
  };
}

interface Resolved extends ClozeBounds {
  readonly count: number;
  readonly choices: number;
  readonly seed: number;
}

function resolve(options: ClozeOptions): Resolved {
  const resolved: Resolved = withDefaults('clozeItems', options, DEFAULTS);
  const { count, choices, minBits, maxBits, maxRank, minLetters, spacing, seed } = resolved;
  checkNumber('count', count, whole(1));
  checkNumber('choices', choices, whole(2, 8));
  checkNumber('minBits', minBits, notNegative);
  checkNumber('maxBits', maxBits, finite);
  if (maxBits < minBits) throw invalidOption('maxBits', maxBits, `at least minBits, ${minBits}`);
  checkNumber('maxRank', maxRank, whole(1));
  checkNumber('minLetters', minLetters, whole(2));
  checkNumber('spacing', spacing, whole(1));
  checkNumber('seed', seed, whole(0));
  return resolved;
}
