import { counted } from '../../base/counted.js';
import { threeDigits } from '../../base/human_bytes.js';
import { entropyBars, histogramSvg, rankBars, surprisalBars } from '../../examine/report/histogram.js';
import type { Examination, ExaminedWord } from '../../examine/text/examination.js';
import type { ReadingDifficulty, SentenceDifficulty } from '../../examine/tutoring/reading_difficulty.js';
import { make } from '../page/dom.js';
import { svgElement } from '../page/trusted_types.js';
import { type Column, longTable } from './long_table.js';

/** The most important numbers. */
export function figures(
  { tokens, perplexity, bitsPerByte, bins, scoredTokens }: Examination,
  { words, bitsPerWord }: ReadingDifficulty,
): HTMLElement {
  const rows = {
    Length: `${counted(tokens.length, 'token')}, ${counted(words, 'word')}`,
    Perplexity: threeDigits(perplexity),
    'Bits per byte': bitsPerByte === undefined ? '\u2013' : threeDigits(bitsPerByte),
    'Bits per word': threeDigits(bitsPerWord),
    'In the top 10': `${threeDigits((100 * bins.top10) / scoredTokens)} % of tokens`,
  };
  const pairs = Object.entries(rows).map(([name, value]) =>
    make('div', {}, make('dt', {}, name), make('dd', {}, value)),
  );
  return make('dl', { class: 'numbers' }, ...pairs);
}

/** Bar charts of ranks, surprisal and entropy. */
export function histograms(examination: Examination): HTMLElement[] {
  const charts = [
    ['Rank of the token', rankBars(examination)],
    ['Surprisal of the token, in bits', surprisalBars(examination.tokens)],
    ['Entropy at its place, in bits', entropyBars(examination.tokens)],
  ] as const;
  // The keys can scroll a chart that is wider than the window.
  return charts.map(([title, bars]) =>
    make('figure', { tabindex: '0' }, make('figcaption', {}, title), svgElement(histogramSvg(title, bars))),
  );
}

const bits = (value: number | undefined) => (value === undefined ? '\u2013' : value.toFixed(1));

export function wordTable(words: readonly ExaminedWord[]): HTMLElement {
  const columns: Column<ExaminedWord>[] = [
    { heading: 'Word', cell: ({ text }) => text },
    { heading: 'Bits', isNumber: true, cell: ({ surprisal }) => bits(surprisal) },
    {
      heading: 'Bits, whole word',
      isNumber: true,
      cell: ({ correctedSurprisal }) => bits(correctedSurprisal),
    },
    { heading: 'Tokens', isNumber: true, cell: ({ tokenCount }) => String(tokenCount) },
  ];
  const order = make(
    'select',
    {},
    make('option', { value: 'text' }, 'as in the text'),
    make('option', { value: 'bits' }, 'most surprising first'),
  );
  const place = make('div');
  const show = () => {
    const sorted =
      order.value === 'text' ? words : words.slice().sort((a, b) => (b.surprisal ?? 0) - (a.surprisal ?? 0));
    place.replaceChildren(longTable('Words', columns, sorted));
  };
  order.addEventListener('change', show);
  show();
  return make('div', {}, make('label', { class: 'inline' }, 'Order ', order), place);
}

export function sentenceTable(sentences: readonly SentenceDifficulty[]): HTMLElement {
  const columns: Column<SentenceDifficulty>[] = [
    { heading: 'Sentence', cell: ({ text }) => text },
    { heading: 'Words', isNumber: true, cell: ({ words }) => String(words) },
    { heading: 'Bits per word', isNumber: true, cell: ({ bitsPerWord }) => bits(bitsPerWord) },
    { heading: 'Uneven', isNumber: true, cell: ({ deviation }) => bits(deviation) },
    {
      heading: 'Hardest word',
      cell: ({ hardest }) => (hardest ? `${hardest.text} (${bits(hardest.bits)})` : '\u2013'),
    },
  ];
  return longTable('Sentences', columns, sentences);
}
