import { checkNumber, notNegative, whole } from '../../base/check_number.js';
import { throwIfAborted } from '../../base/errors.js';
import type { Prompt } from '../../generate/prompt.js';
import type { Work } from '../../model/remote_models.js';
import type { AnyModel } from '../any_model.js';
import type { Examination } from '../text/examination.js';
import { examine } from '../text/examine.js';
import { ALTERNATIVES, candidatesAt, isWord } from './candidates.js';
import { withDefaults } from './defaults.js';
import { fits, hasRoom, placeOf } from './place.js';
import { bare, bitsIn, type Extent } from './spans.js';

/** Which words count as odd. */
export interface OddWordsOptions extends Work {
  /** Least surprisal of an odd word, in bits. Default 10. */
  readonly minBits?: number | undefined;
  /** By how many bits the best suggestion must make the sentence likelier. Default 12. */
  readonly minGain?: number | undefined;
  /** Most suggestions for a word. Default 5. */
  readonly suggestions?: number | undefined;
  /** Most words that are tried: the most surprising ones. Default 50. */
  readonly most?: number | undefined;
}

/** A word in the place of an odd one. */
export interface Suggestion {
  /** The word. */
  readonly text: string;
  /** How much likelier the sentence is with it, in bits. */
  readonly gain: number;
}

/** A word that does not fit its sentence. */
export interface OddWord extends Extent {
  /** The examined text from `start` to `end`. */
  readonly word: string;
  /** Surprisal without its punctuation, in bits. */
  readonly surprisal: number;
  /** Words that make the sentence likelier, at least one, best first. */
  readonly suggestions: readonly Suggestion[];
}

const DEFAULTS = { minBits: 10, minGain: 12, suggestions: 5, most: 50 };
/** Other words that are tried in the place of one. */
const CANDIDATES = 16;

/**
 * Finds words that do not fit, with suggestions: a word of letters with a surprisal of at least `minBits`, in
 * whose place the model knows a word that makes the sentence likelier by at least `minGain` bits. The candidates
 * are likely words at its place; they are ranked by the probability of the sentence from there on. Rare names and
 * deliberate surprises are found too, and errors with likely words are not. Words of more than a quarter of the
 * model's context are left out.
 *
 * Throws `invalid-option`, and as `examine` does. Progress counts the tokens of the text, then the tried words.
 */
export async function oddWords(
  model: AnyModel,
  text: Prompt,
  options: OddWordsOptions = {},
): Promise<OddWord[]> {
  resolve(options);
  const { signal, onProgress } = options;
  const examination = await examine(model, text, { top: ALTERNATIVES, signal, onProgress });
  return oddWordsOf(model, examination, options);
}

/** As `oddWords`, of a text that was examined with at least a few alternatives a token. */
export async function oddWordsOf(
  model: AnyModel,
  examination: Examination,
  options: OddWordsOptions = {},
): Promise<OddWord[]> {
  const { minBits, minGain, suggestions, most } = resolve(options);
  const { signal, onProgress } = options;
  const { text, tokens, words } = examination;
  const { contextLength } = model.config;
  const surprising = words
    .map((word) => bare(text, word))
    .filter(({ start, end }) => isWord(text.slice(start, end)))
    .filter((extent) => hasRoom(examination, extent, contextLength))
    .map((extent) => ({ ...extent, surprisal: bitsIn(tokens, extent) ?? 0 }))
    .filter(({ surprisal }) => surprisal >= minBits)
    .sort((a, b) => b.surprisal - a.surprisal)
    .slice(0, most);
  const found: OddWord[] = [];
  for (const [i, span] of surprising.entries()) {
    throwIfAborted(signal, 'looking for odd words');
    const word = text.slice(span.start, span.end);
    const candidates = candidatesAt(examination, span, CANDIDATES);
    const place = placeOf(examination, span, contextLength);
    const [own, ...others] = await fits(model, place, [word, ...candidates], signal);
    const better = candidates
      .map((candidate, k) => ({ text: candidate, gain: (others[k]! - own!) / Math.LN2 }))
      .filter(({ gain }) => gain > 0)
      .sort((a, b) => b.gain - a.gain)
      .slice(0, suggestions);
    if (better.length > 0 && better[0]!.gain >= minGain) found.push({ ...span, word, suggestions: better });
    onProgress?.({ done: i + 1, total: surprising.length });
  }
  return found.sort((a, b) => a.start - b.start);
}

function resolve(options: OddWordsOptions): typeof DEFAULTS {
  const resolved = withDefaults('oddWords', options, DEFAULTS);
  checkNumber('minBits', resolved.minBits, notNegative);
  checkNumber('minGain', resolved.minGain, notNegative);
  checkNumber('suggestions', resolved.suggestions, whole(1));
  checkNumber('most', resolved.most, whole(1));
  return resolved;
}
