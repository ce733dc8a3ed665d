import { counted } from '../../base/counted.js';
import { ln } from '../../base/exact_math.js';
import { threeDigits } from '../../base/human_bytes.js';
import type { PositionBucket } from '../../examine/robustness/by_position.js';

/** Columns beside the bars. */
const WORDS = 40;
const LEAST_COLUMNS = 10;

/** Perplexity by the number of tokens before, as bars whose length is the mean surprisal. */
export function positionBars(buckets: readonly PositionBucket[], columns: number): string {
  const places = buckets.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`));
  const width = Math.max(...places.map(({ length }) => length));
  const longest = Math.max(...buckets.map(({ perplexity }) => ln(perplexity)));
  const room = Math.max(LEAST_COLUMNS, columns - WORDS);
  const rows = buckets.map(({ perplexity, tokens }, i) => {
    const bar = '█'.repeat(Math.max(0, Math.round((room * ln(perplexity)) / longest) || 0));
    return `${places[i]!.padStart(width)}  ${bar} ${threeDigits(perplexity)} (${counted(tokens, 'token')})`;
  });
  return `perplexity by the number of tokens before:\n${rows.join('\n')}\n`;
}
