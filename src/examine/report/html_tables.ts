import { LN2 } from '../../base/exact_math.js';
import { threeDigits } from '../../base/human_bytes.js';
import { escapeMarkup } from '../../base/markup.js';
import { visibleText } from '../../base/visible_text.js';
import type { Examination, ExaminedToken } from '../text/examination.js';
import { percent } from './percent.js';

/** A column of a table for people. The first text column is the header of its row. */
interface HtmlColumn<T> {
  readonly head: string;
  readonly isNumber?: true;
  readonly cell: (item: T, index: number) => string;
}

const fixed = (value: number | undefined): string => (value === undefined ? '\u2013' : value.toFixed(2));

const TOKENS: readonly HtmlColumn<ExaminedToken>[] = [
  { head: 'No.', isNumber: true, cell: (_, index) => String(index + 1) },
  { head: 'Token', cell: ({ text }) => visibleText(text) || '(part of a character)' },
  { head: 'Rank', isNumber: true, cell: ({ rank }) => (rank === undefined ? '\u2013' : String(rank)) },
  {
    head: 'Probability',
    isNumber: true,
    cell: ({ logprob }) => (logprob === undefined ? '\u2013' : percent(logprob)),
  },
  { head: 'Surprisal (bits)', isNumber: true, cell: ({ surprisal }) => fixed(surprisal) },
  { head: 'Entropy (bits)', isNumber: true, cell: ({ entropy }) => fixed(entropy && entropy / LN2) },
  {
    head: 'Likeliest tokens',
    cell: ({ top }) => top.map(({ text, logprob }) => `${visibleText(text)} ${percent(logprob)}`).join(', '),
  },
];

/** The tables of words, sentences and tokens of an examination, closed at first. */
export function htmlTables({ words, sentences, tokens }: Examination): string {
  return [
    table('Words', words, [
      { head: 'Word', cell: ({ text }) => text || '(white space at the end)' },
      {
        head: 'Surprisal of the whole word (bits)',
        isNumber: true,
        cell: (word) => fixed(word.correctedSurprisal),
      },
      { head: 'Surprisal of its tokens (bits)', isNumber: true, cell: ({ surprisal }) => fixed(surprisal) },
      { head: 'Tokens', isNumber: true, cell: ({ tokenCount }) => String(tokenCount) },
    ]),
    table('Sentences', sentences, [
      { head: 'Sentence', cell: ({ text }) => text || '(white space)' },
      { head: 'Surprisal (bits)', isNumber: true, cell: ({ surprisal }) => fixed(surprisal) },
      {
        head: 'Perplexity',
        isNumber: true,
        cell: ({ perplexity }) => (perplexity === undefined ? '\u2013' : threeDigits(perplexity)),
      },
      { head: 'Tokens', isNumber: true, cell: ({ tokenCount }) => String(tokenCount) },
    ]),
    table('Tokens', tokens, TOKENS),
  ].join('\n');
}

function table<T>(title: string, items: readonly T[], columns: readonly HtmlColumn<T>[]): string {
  const header = columns.findIndex(({ isNumber }) => !isNumber);
  const cell = ({ isNumber, cell }: HtmlColumn<T>, column: number, item: T, index: number) => {
    const text = escapeMarkup(visibleText(cell(item, index)));
    if (isNumber) return `<td class="n">${text}</td>`;
    return column === header ? `<th scope="row" dir="auto">${text}</th>` : `<td dir="auto">${text}</td>`;
  };
  const heads = columns.map(
    ({ head, isNumber }) => `<th scope="col"${isNumber ? ' class="n"' : ''}>${escapeMarkup(head)}</th>`,
  );
  const rows = items.map(
    (item, i) => `<tr>${columns.map((column, c) => cell(column, c, item, i)).join('')}</tr>`,
  );
  return `<details><summary>${title} (${items.length})</summary>
<div class="scroll" tabindex="0" role="region" aria-label="${title}">
<table class="${title.toLowerCase()}"><thead><tr>${heads.join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table></div></details>`;
}
