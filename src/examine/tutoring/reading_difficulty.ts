import { checkOptionNames } from '../../base/check_options.js';
import type { Prompt } from '../../generate/prompt.js';
import type { Work } from '../../model/remote_models.js';
import type { AnyModel } from '../any_model.js';
import { checkModel } from '../run_operation.js';
import type { Examination } from '../text/examination.js';
import { examine } from '../text/examine.js';
import { bare, type Extent } from './spans.js';

/** How hard a word is to read. */
export interface WordDifficulty extends Extent {
  /** The word without punctuation: the examined text from `start` to `end`. */
  readonly text: string;
  /** Surprisal in bits, of the punctuation at the word too; see `correctedSurprisal` of `examine`. */
  readonly bits: number;
}

/** How hard a part of a text is to read. */
export interface Difficulty {
  /** Number of scored words; punctuation alone is none. */
  readonly words: number;
  /** Surprisal of all its words, in bits. */
  readonly bits: number;
  /** Mean surprisal of a word, in bits; 0 without words. */
  readonly bitsPerWord: number;
  /** Standard deviation of the words' surprisal, in bits: how uneven the part is. */
  readonly deviation: number;
  /** Its most surprising word. */
  readonly hardest: WordDifficulty | undefined;
}

/** How hard a sentence is to read. */
export interface SentenceDifficulty extends Difficulty, Extent {
  /** The examined text from `start` to `end`. */
  readonly text: string;
}

/** How hard a text is to read. */
export interface ReadingDifficulty extends Difficulty {
  /** All sentences, in the order of the text. */
  readonly sentences: readonly SentenceDifficulty[];
  /** The words in the order of the text. */
  readonly byWord: readonly WordDifficulty[];
}

/**
 * Reading difficulty by surprisal: of every word, every sentence and the text. The time that people take to read
 * a word grows in proportion to its surprisal (Hale 2001; Levy 2008; Smith and Levy 2013). The numbers depend on
 * the model: compare texts with the same one.
 *
 * Throws `invalid-option`, and as `examine` does. Progress counts tokens.
 */
export async function readingDifficulty(
  model: AnyModel,
  text: Prompt,
  options: Work = {},
): Promise<ReadingDifficulty> {
  checkModel(model);
  checkOptionNames('readingDifficulty', options, ['signal', 'onProgress']);
  return readingDifficultyOf(await examine(model, text, options));
}

/** As `readingDifficulty`, of a text that was examined. */
export function readingDifficultyOf({
  text,
  words,
  sentences,
}: Pick<Examination, 'text' | 'words' | 'sentences'>): ReadingDifficulty {
  const byWord = words.flatMap(({ surprisal, correctedSurprisal, ...word }) => {
    const { start, end } = bare(text, word);
    if (start === end || surprisal === undefined) return [];
    return [{ start, end, text: text.slice(start, end), bits: correctedSurprisal }];
  });
  let next = 0;
  const bySentence = sentences.map(({ start, end }) => {
    const first = next;
    while (next < byWord.length && byWord[next]!.start < end) next++;
    return { start, end, text: text.slice(start, end), ...difficultyOf(byWord.slice(first, next)) };
  });
  return { ...difficultyOf(byWord), sentences: bySentence, byWord };
}

function difficultyOf(words: readonly WordDifficulty[]): Difficulty {
  const count = words.length;
  const bits = words.reduce((sum, word) => sum + word.bits, 0);
  const bitsPerWord = count === 0 ? 0 : bits / count;
  const squares = words.reduce((sum, word) => sum + square(word.bits - bitsPerWord), 0);
  const hardest = words.reduce<WordDifficulty | undefined>(
    (most, word) => (most === undefined || word.bits > most.bits ? word : most),
    undefined,
  );
  return {
    words: count,
    bits,
    bitsPerWord,
    deviation: count === 0 ? 0 : Math.sqrt(squares / count),
    hardest,
  };
}

const square = (value: number) => value * value;
