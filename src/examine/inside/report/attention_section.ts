import { Gpt2Error } from '../../../base/errors.js';
import { LN2 } from '../../../base/exact_math.js';
import { shown } from '../../report/html_page.js';
import type { AttentionPatterns, HeadSummary } from '../results.js';
import { gridCell, gridTable, nameOf, shadeOf } from './shown_tokens.js';

/** Most weights in a page, of two characters each. */
const MOST_WEIGHTS = 2 ** 23;

/** Attention: the text in shades for a chosen head and token, and a grid of all heads to choose from. */
export function attentionSection(attention: AttentionPatterns): string {
  const { tokens, layers, heads, summaries } = attention;
  const rows = layers.map((layer, l) => {
    const own = heads.map((head, h) => {
      const summary = summaries[l * heads.length + h]!;
      const name = `layer ${layer}, head ${head}`;
      const detail = `${name}: ${figures(summary)}`;
      return gridCell(`${layer}.${head}`, shadeOf(1 - summary.first), detail, ` data-place="${l} ${h}"`);
    });
    return `<tr><th scope="row">layer ${layer}</th>${own.join('')}</tr>`;
  });
  const pieces = tokens.map(({ text }) => `<span>${shown(text.replaceAll('\r\n', '\n'))}</span>`);
  const json = JSON.stringify(pageData(attention)).replaceAll('<', '\\u003c');
  return `<section class="inside attention">
<h2>Which tokens each head attends to</h2>
<p class="note">Choose a head in the table and a token in the text, with the arrow keys or the pointer: the text is shaded by
how much the head attends to each token from there. A head of the table is the darker, the less it rests on the first token.</p>
<div class="text" tabindex="0" role="group" dir="auto" lang="" aria-label="Text, shaded by attention">${pieces.join('')}</div>
<p class="detail" role="status"></p>
${gridTable('Heads', ['layer', ...heads.map((head) => `head ${head}`)], rows)}
<script type="application/json">${json}</script>
</section>`;
}

function figures({ entropy, first, previous, self, distance }: HeadSummary): string {
  const share = (value: number) => `${Math.round(100 * value)} %`;
  return (
    `on average ${share(first)} on the first token, ${share(previous)} on the token before, ${share(self)} on itself, ` +
    `${distance.toFixed(1)} tokens back, entropy ${(entropy / LN2).toFixed(2)} bits.`
  );
}

/** What the script needs: weights of each layer and head as bytes in hexadecimal, the seen tokens of each row. */
function pageData({ tokens, layers, heads, positions, weights }: AttentionPatterns) {
  const order = positions.map((position, row) => ({ position, row })).sort((a, b) => a.position - b.position);
  const starts = [0];
  for (const { position } of order) starts.push(starts.at(-1)! + position + 1);
  const count = starts.at(-1)! * layers.length * heads.length;
  if (count > MOST_WEIGHTS) {
    throw new Gpt2Error(
      'invalid-option',
      `a page of ${count} weights is too large; choose layers, heads or positions with at most ${MOST_WEIGHTS}`,
    );
  }
  const [P, T] = [positions.length, tokens.length];
  const hexOf = (layer: number, head: number) => {
    const place = (layer * heads.length + head) * P * T;
    const rows = order.map(({ position, row }) => {
      const own = weights.data.subarray(place + row * T, place + row * T + position + 1);
      return Array.from(own, (weight) =>
        Math.round(255 * weight)
          .toString(16)
          .padStart(2, '0'),
      ).join('');
    });
    return rows.join('');
  };
  return {
    tokens: tokens.map(nameOf),
    positions: order.map(({ position }) => position),
    starts,
    weights: layers.map((_, layer) => heads.map((_, head) => hexOf(layer, head))),
  };
}
