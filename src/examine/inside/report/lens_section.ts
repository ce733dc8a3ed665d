import { counted } from '../../../base/counted.js';
import { exp, LN2 } from '../../../base/exact_math.js';
import { percent } from '../../report/percent.js';
import type { LensCell, LogitLens } from '../results.js';
import { gridCell, gridTable, nameOf, shadeOf } from './shown_tokens.js';

/** The logit lens as a table: a row for each layer, the last one first, and a column for each position. */
export function lensSection({ tokens, layers, positions, cells }: LogitLens): string {
  const nameAt = (position: number) => nameOf(tokens[position]!);
  const rows = layers
    .map((layer, row) => {
      const name = layer === 0 ? 'embeddings' : `after ${counted(layer, 'layer')}`;
      const own = positions.map((position, column) => {
        const cell = cells[row]![column]!;
        const next = tokens[position + 1] && nameAt(position + 1);
        const detail = `${name}, after ${nameAt(position)}: ${figures(cell, next)}`;
        return gridCell(nameOf(cell.top[0]!), shadeOf(exp(cell.top[0]!.logprob)), detail);
      });
      return `<tr><th scope="row">${name}</th>${own.join('')}</tr>`;
    })
    .reverse();
  return `<section class="inside lens">
<h2>What each layer would say next</h2>
<p class="note">Each cell has the likeliest next token after the token at the head of its column, if the model ended at that
layer; the darker, the more probable. Choose a cell with the arrow keys or the pointer.</p>
${gridTable('Logit lens', ['layer', ...positions.map(nameAt)], rows)}
<p class="detail" role="status"></p>
</section>`;
}

function figures({ top, entropy, logprob, rank }: LensCell, next: string | undefined): string {
  const likely = top.map((token) => `${nameOf(token)} ${percent(token.logprob)}`).join(', ');
  const coming =
    logprob === undefined ? '' : `; the next token, ${next}, is number ${rank}, ${percent(logprob)}`;
  return `${likely}${coming}; entropy ${(entropy / LN2).toFixed(2)} bits.`;
}
