import { checkOptionNames, invalidOption, quotedList } from '../../base/check_options.js';
import type { Examination } from '../text/examination.js';
import { checkExamination } from './check_examination.js';
import { type Column, SENTENCE_COLUMNS, tokenColumns, WORD_COLUMNS } from './columns.js';
import { csvHead, csvLines } from './csv.js';

/** The form of a CSV report. */
export interface CsvReportOptions {
  /** What has a row: `tokens` (default), `words` or `sentences`. */
  readonly rows?: (typeof ROWS)[number] | undefined;
}

const ROWS = ['tokens', 'words', 'sentences'] as const;

/**
 * An examination as CSV (RFC 4180) with a line of names: those of the fields, `index` from 0, and for alternatives
 * `top1`, `top1Logprob` and so on. A text that a spreadsheet would take for a formula gets an apostrophe before it.
 * Throws `invalid-option`.
 */
export function csvReport(examination: Examination, options: CsvReportOptions = {}): string {
  checkOptionNames('csvReport', options, ['rows']);
  const { rows = 'tokens' } = options;
  if (!ROWS.includes(rows)) throw invalidOption('rows', rows, quotedList(ROWS));
  checkExamination('examination', examination);
  const { tokens, words, sentences } = examination;
  const whole = <T>(columns: readonly Column<T>[], items: readonly T[]) =>
    csvHead(columns) + csvLines(columns, items);
  if (rows === 'words') return whole(WORD_COLUMNS, words);
  if (rows === 'sentences') return whole(SENTENCE_COLUMNS, sentences);
  const most = tokens.reduce((count, { top }) => Math.max(count, top.length), 0);
  return whole(tokenColumns(most), tokens);
}
