import { LN2 } from '../../base/exact_math.js';
import { visibleText } from '../../base/visible_text.js';
import type { LensCell, LogitLens } from '../../examine/inside/results.js';
import { percent } from '../../examine/report/percent.js';

/** A part for each position: a line for each layer, with its likeliest tokens and, if it is known, the next one. */
export function lensTable({ tokens, layers, positions, cells }: LogitLens): string {
  const parts = positions.map((position, column) => {
    const next = tokens[position + 1];
    const lines = layers.map((layer, row) => lineOf(layer, cells[row]![column]!));
    const head = ['layers', ...(next ? ['rank'] : []), 'entropy', 'likeliest next tokens'];
    const coming = next ? `, before ${visibleText(next.text)}` : '';
    return `after ${visibleText(tokens[position]!.text)} (position ${position}${coming})\n${[head, ...lines]
      .map((line) => `${line.join('\t')}\n`)
      .join('')}`;
  });
  return parts.join('\n');
}

function lineOf(layer: number, { top, entropy, rank }: LensCell): string[] {
  return [
    String(layer),
    ...(rank === undefined ? [] : [String(rank)]),
    (entropy / LN2).toFixed(2),
    top.map(({ text, logprob }) => `${visibleText(text)} ${percent(logprob)}`).join('  '),
  ];
}
