import { invalidOption } from '../../base/check_options.js';
import { ln } from '../../base/exact_math.js';
import { escapeText } from '../../base/markup.js';
import { checkPositions } from '../report/check_examination.js';
import type { ByPosition, PositionBucket } from './by_position.js';

const WIDTH = 800;
const HEIGHT = 450;
const TOP = 60;
/** Space beside and below the axes. */
const LEFT = 70;
const RIGHT = 20;
const BOTTOM = 55;
/** Standard errors on each side of a mean, for an interval of 95 %. */
const Z = 1.96;
/** Space above and below the drawn values, and least range of the axis, in nats: some round numbers are within. */
const MARGIN = 0.1;
const LEAST_RANGE = 1.4;
const MOST_TICKS = 10;

/** Every rule is about the figure alone, since a page that contains it shares its styles. */
const STYLE = `
  .by-position { color-scheme: light dark; --paper: #fff; --ink: #222; --grid: #ddd; --mean: #1d4ed8; --single: #b45309 }
  @media (prefers-color-scheme: dark) {
    .by-position { --paper: #161616; --ink: #e8e8e8; --grid: #3a3a3a; --mean: #7aa8ff; --single: #fbbf24 }
  }
  .by-position text { font: 13px system-ui, sans-serif; fill: var(--ink) }
  .by-position .title { font-size: 18px }
  .by-position path, .by-position line, .by-position polyline { fill: none; stroke: var(--ink) }
  .by-position .grid { stroke: var(--grid) }
  .by-position .mean { stroke: var(--mean); stroke-width: 2 }
  .by-position .single { stroke: var(--single); stroke-width: 2.5; stroke-linecap: round; opacity: 0.5 }
`;

/** Coordinates of a share of the width, and of a mean ln p. */
interface Places {
  x(column: number): number;
  y(mean: number): number;
}

/**
 * Perplexity by the number of tokens before, as a standalone SVG document or an element of a page, legible on
 * light and dark. The axis of perplexity is logarithmic, each column holds twice the positions of the one before, bars
 * are intervals of 95 %. Throws `invalid-option`.
 */
export function byPositionSvg(measured: ByPosition, title = 'Perplexity by position'): string {
  checkPositions('measured', measured);
  if (typeof title !== 'string') throw invalidOption('title', title, 'a string');
  const { buckets } = measured;
  const [lowest, highest] = rangeOf(buckets);
  const places: Places = {
    x: (column) => round(LEFT + (column / buckets.length) * (WIDTH - LEFT - RIGHT)),
    y: (mean) => round(TOP + ((-mean - highest) / (lowest - highest)) * (HEIGHT - TOP - BOTTOM)),
  };
  const name = escapeText(title);
  return `<svg class="by-position" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">
<title>${name}</title>
<desc>${escapeText(buckets.map(described).join('; '))}</desc>
<style>${STYLE}</style>
<rect width="${WIDTH}" height="${HEIGHT}" fill="var(--paper)"/>
<text class="title" x="${LEFT}" y="28">${name}</text>
<path class="mean" d="M${LEFT} 43h24"/><text x="${LEFT + 30}" y="48">mean and interval of 95 %</text>
<path class="single" d="M${LEFT + 230} 43h0"/><text x="${LEFT + 242}" y="48">a single position</text>
${axes(buckets, [lowest, highest], places)}
${dots(measured, [lowest, highest], places)}
${line(buckets, places)}
</svg>
`;
}

function described({ from, to, tokens, perplexity }: PositionBucket): string {
  return `${rangeText(from, to)} tokens before: perplexity ${perplexity.toPrecision(4)} of ${tokens} tokens`;
}

const rangeText = (from: number, to: number) => (from === to ? String(from) : `${from}–${to}`);

const round = (value: number) => Math.round(100 * value) / 100;

/** The interval of a bucket's -ln p. */
function intervalOf({ mean, standardError = 0 }: PositionBucket): [low: number, high: number] {
  return [-mean - Z * standardError, -mean + Z * standardError];
}

/** Range of -ln p that is drawn: all buckets with their intervals. */
function rangeOf(buckets: readonly PositionBucket[]): [lowest: number, highest: number] {
  const intervals = buckets.map(intervalOf);
  const low = Math.min(...intervals.map((interval) => interval[0])) - MARGIN;
  const high = Math.max(...intervals.map((interval) => interval[1])) + MARGIN;
  const lowest = Math.max(0, low - Math.max(0, LEAST_RANGE - (high - low)) / 2);
  return [lowest, Math.max(high, lowest + LEAST_RANGE)];
}

function axes(
  buckets: readonly PositionBucket[],
  [lowest, highest]: readonly [number, number],
  { x, y }: Places,
): string {
  const bottom = HEIGHT - BOTTOM;
  const rows = perplexitiesIn(lowest, highest).map((perplexity) => {
    const at = y(-ln(perplexity));
    return `<path class="grid" d="M${LEFT} ${at}H${WIDTH - RIGHT}"/>
<text x="${LEFT - 8}" y="${at + 5}" text-anchor="end">${Number(perplexity.toPrecision(6))}</text>`;
  });
  const columns = buckets.map(
    ({ from, to }, i) =>
      `<text x="${x(i + 0.5)}" y="${bottom + 19}" text-anchor="middle">${rangeText(from, to)}</text>`,
  );
  return `${rows.join('\n')}
<path d="M${LEFT} ${TOP}V${bottom}H${WIDTH - RIGHT}"/>
${columns.join('\n')}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 12}" text-anchor="middle">tokens before</text>
<text transform="translate(18 ${(TOP + bottom) / 2}) rotate(-90)" text-anchor="middle">perplexity</text>`;
}

/** At least three perplexities whose ln is within a range: powers of ten, or with more digits; none beyond 1e308. */
function perplexitiesIn(lowest: number, highest: number): number[] {
  const choices = [[1], [1, 2, 5], [1, 1.5, 2, 3, 5, 7]].map((digits) => {
    const found: number[] = [];
    for (let power = 1; power < Infinity && ln(power) <= highest; power *= 10) {
      found.push(
        ...digits.map((digit) => digit * power).filter((value) => isWithin(ln(value), lowest, highest)),
      );
    }
    return found;
  });
  const found = choices.find((choice) => choice.length > 2) ?? [];
  const step = Math.ceil(found.length / MOST_TICKS);
  return found.filter((_, i) => i % step === 0);
}

const isWithin = (value: number, lowest: number, highest: number) => value >= lowest && value <= highest;

/** A dot for each position whose mean is within the drawn range. The positions of a column have equal distances. */
function dots(
  { means, buckets }: ByPosition,
  [lowest, highest]: readonly [number, number],
  { x, y }: Places,
): string {
  const moves = buckets.flatMap(({ from, to }, column) =>
    Array.from(means.subarray(from - 1, to), (mean, i) =>
      isWithin(-mean, lowest, highest) ? `M${x(column + (i + 0.5) / (to - from + 1))} ${y(mean)}h0` : '',
    ),
  );
  return `<path class="single" d="${moves.join('')}"/>`;
}

/** Means of the columns with their intervals. */
function line(buckets: readonly PositionBucket[], { x, y }: Places): string {
  const points = buckets.map(({ mean }, i) => `${x(i + 0.5)},${y(mean)}`);
  const bars = buckets.map((bucket, i) => {
    const [low, high] = intervalOf(bucket);
    return `M${x(i + 0.5)} ${y(-Math.max(0, low))}V${y(-high)}`;
  });
  return `<polyline class="mean" points="${points.join(' ')}"/>
<path class="mean" d="${bars.join('')}"/>`;
}
