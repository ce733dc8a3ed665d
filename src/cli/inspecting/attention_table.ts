import { LN2 } from '../../base/exact_math.js';
import { visibleText } from '../../base/visible_text.js';
import type { AttentionPatterns } from '../../examine/inside/results.js';

/** Tokens listed for a head. */
const LISTED = 4;

const HEAD = ['head', 'entropy', 'first', 'previous', 'self', 'distance'];

const MEANS = 'The figures are means over these positions; entropy is in bits.\n';

/** A part for each position: a line for each head, with its means and the tokens that it attends to most. */
export function attentionTable(attention: AttentionPatterns): string {
  const { tokens, positions, weights, summaries } = attention;
  const [P, T] = [positions.length, tokens.length];
  const parts = positions.map((position, row) => {
    const lines = summaries.map(({ layer, head, entropy, first, previous, self, distance }, i) => {
      const start = (i * P + row) * T;
      const own = weights.data.subarray(start, start + position + 1);
      const figures = [entropy / LN2, first, previous, self, distance].map((value) => value.toFixed(2));
      return [`${layer}.${head}`, ...figures, strongest(own, attention)];
    });
    const title = `from ${visibleText(tokens[position]!.text)} (position ${position})`;
    const rows = [[...HEAD, 'attends to'], ...lines].map((line) => `${line.join('\t')}\n`);
    return `${title}\n${rows.join('')}`;
  });
  return `${parts.join('\n')}${P > 1 ? `\n${MEANS}` : ''}`;
}

function strongest(weights: Float32Array, { tokens }: AttentionPatterns): string {
  return Array.from(weights, (weight, key) => ({ weight, key }))
    .sort((a, b) => b.weight - a.weight || a.key - b.key)
    .slice(0, LISTED)
    .map(({ weight, key }) => `${visibleText(tokens[key]!.text)} ${Math.round(100 * weight)} %`)
    .join('  ');
}
