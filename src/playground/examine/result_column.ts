import type { Examination } from '../../examine/text/examination.js';
import { readingDifficultyOf } from '../../examine/tutoring/reading_difficulty.js';
import { make } from '../page/dom.js';
import { ColouredText } from './coloured_text.js';
import { part } from './part.js';
import { figures, histograms, sentenceTable, wordTable } from './result_parts.js';

/** A text that a model has examined. */
export interface Result {
  /** Name of the model. */
  readonly name: string;
  readonly examination: Examination;
}

/** Everything about one text: figures, colours, histograms, words and sentences. */
export function resultColumn({ name, examination }: Result): HTMLElement {
  const difficulty = readingDifficultyOf(examination);
  return make(
    'article',
    { class: 'result', 'aria-label': `Text as ${name} reads it` },
    make('h3', {}, name),
    figures(examination, difficulty),
    new ColouredText(examination).element,
    part('Histograms', ...histograms(examination)),
    part('Words', wordTable(examination.words)),
    part('Sentences and reading difficulty', sentenceTable(difficulty.sentences)),
  );
}
