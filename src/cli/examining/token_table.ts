import { exp } from '../../base/exact_math.js';
import { withoutControls } from '../../base/visible_text.js';
import type { ExaminedToken } from '../../examine/text/examination.js';

const HEAD = ['rank', 'p', 'bits', 'entropy', 'token'];
const LN2 = Math.LN2;

/** A line for each token, with tabs for `cut -f`: rank, probability, surprisal and entropy in bits, and its text. */
export function tokenTable(tokens: readonly ExaminedToken[]): string {
  const rows = tokens.map(({ rank, logprob, surprisal, entropy, text }) => {
    const figures =
      logprob === undefined
        ? ['-', '-', '-', '-']
        : [String(rank), exp(logprob).toPrecision(3), surprisal!.toFixed(3), (entropy! / LN2).toFixed(3)];
    return [...figures, withoutControls(JSON.stringify(text))];
  });
  return [HEAD, ...rows].map((row) => `${row.join('\t')}\n`).join('');
}
