import type { ExaminedSentence, ExaminedToken, ExaminedWord } from '../text/examination.js';

/** A column of a table of tokens, words or sentences. */
export interface Column<T> {
  readonly name: string;
  readonly of: (item: T, index: number) => string | number | undefined;
}

/** Columns with the names of the fields. */
const fields = <T>(...names: readonly (keyof T & string)[]): Column<T>[] =>
  names.map((name) => ({ name, of: (item) => item[name] as string | number | undefined }));

const INDEX: Column<unknown> = { name: 'index', of: (_, index) => index };

/** All numbers of tokens, with `alternatives` likeliest tokens. */
export function tokenColumns(alternatives: number): Column<ExaminedToken>[] {
  const top = Array.from({ length: alternatives }, (_, i): Column<ExaminedToken>[] => [
    { name: `top${i + 1}`, of: ({ top }) => top[i]?.text },
    { name: `top${i + 1}Logprob`, of: ({ top }) => top[i]?.logprob },
  ]);
  return [
    INDEX,
    ...fields<ExaminedToken>(
      'id',
      'text',
      'start',
      'end',
      'logprob',
      'surprisal',
      'rank',
      'entropy',
      'context',
    ),
    ...top.flat(),
  ];
}

export const WORD_COLUMNS: readonly Column<ExaminedWord>[] = [
  INDEX,
  ...fields<ExaminedWord>('text', 'start', 'end', 'firstToken', 'tokenCount', 'logprob', 'surprisal'),
  ...fields<ExaminedWord>('correctedLogprob', 'correctedSurprisal'),
];

export const SENTENCE_COLUMNS: readonly Column<ExaminedSentence>[] = [
  INDEX,
  ...fields<ExaminedSentence>('text', 'start', 'end', 'firstToken', 'tokenCount', 'logprob', 'surprisal'),
  ...fields<ExaminedSentence>('perplexity'),
];
