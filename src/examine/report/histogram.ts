import { counted } from '../../base/counted.js';
import { LN2 } from '../../base/exact_math.js';
import { escapeMarkup } from '../../base/markup.js';
import type { Examination, ExaminedToken } from '../text/examination.js';

/** Tokens in one range of a measure. */
export interface Bar {
  readonly label: string;
  readonly count: number;
}

/** Counts of tokens by rank, as GLTR groups them. */
export function rankBars({ bins }: Pick<Examination, 'bins'>): Bar[] {
  return [
    { label: '1\u201310', count: bins.top10 },
    { label: '11\u2013100', count: bins.top100 },
    { label: '101\u20131000', count: bins.top1000 },
    { label: '> 1000', count: bins.rest },
  ];
}

/** Counts of tokens by surprisal, in ranges of one bit. */
export const surprisalBars = (tokens: readonly ExaminedToken[]): Bar[] =>
  bitBars(tokens.map(({ surprisal }) => surprisal));

/** Counts of places by entropy, in ranges of one bit. */
export const entropyBars = (tokens: readonly ExaminedToken[]): Bar[] =>
  bitBars(tokens.map(({ entropy }) => entropy && entropy / LN2));

/** Larger values are in one last range. */
const MOST_BITS = 15;

function bitBars(values: readonly (number | undefined)[]): Bar[] {
  const counts = new Array<number>(MOST_BITS + 1).fill(0);
  for (const value of values) {
    if (value !== undefined) counts[Math.min(MOST_BITS, Math.floor(Math.max(0, value)))]!++;
  }
  return counts.map((count, bits) => ({ label: bits === MOST_BITS ? `${bits}+` : String(bits), count }));
}

const WIDTH = 480;
const HEIGHT = 200;
/** Space above the bars for counts and below them for labels. */
const TOP = 22;
const BOTTOM = 24;
/** Share of its place that a bar fills. */
const FILLED = 0.8;

/**
 * A bar chart as an SVG element, with its numbers in words for screen readers. The page styles `.bar` and `text`.
 */
export function histogramSvg(title: string, bars: readonly Bar[]): string {
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const place = WIDTH / bars.length;
  const round = (value: number) => Math.round(100 * value) / 100;
  const shapes = bars.map(({ label, count }, i) => {
    const height = ((HEIGHT - TOP - BOTTOM) * count) / most;
    const x = round(i * place + (place * (1 - FILLED)) / 2);
    const y = round(HEIGHT - BOTTOM - height);
    const middle = round((i + 0.5) * place);
    return (
      `<rect class="bar" x="${x}" y="${y}" width="${round(place * FILLED)}" height="${round(height)}"/>` +
      `<text x="${middle}" y="${round(y - 5)}" text-anchor="middle">${count}</text>` +
      `<text x="${middle}" y="${HEIGHT - 7}" text-anchor="middle">${escapeMarkup(label)}</text>`
    );
  });
  const words = bars
    .filter(({ count }) => count > 0)
    .map(({ label, count }) => `${label}: ${counted(count, 'token')}`);
  return (
    `<svg class="histogram" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" ` +
    `aria-label="${escapeMarkup(`${title}. ${words.join(', ')}`)}">${shapes.join('')}</svg>`
  );
}
