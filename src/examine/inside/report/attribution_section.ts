import { shown } from '../../report/html_page.js';
import { attributionRows } from '../attribution_rows.js';
import type { LogitAttribution } from '../results.js';
import { nameOf } from './shown_tokens.js';

/** The parts of a logit as bars, in the order in which they are computed. */
export function attributionSection(attribution: LogitAttribution): string {
  const { tokens, position, token, against, logit } = attribution;
  const rows = attributionRows(attribution);
  const most = Math.max(...rows.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  const bars = rows.map(({ name, value, depth }) => {
    const width = ((100 * Math.abs(value)) / most).toFixed(1);
    const bar = `<span class="${value < 0 ? 'less' : 'more'}" style="width: ${width}%"></span>`;
    const indent = '\u00a0'.repeat(4 * depth);
    return (
      `<tr><th scope="row">${indent}${shown(name)}</th><td class="n">${value.toFixed(3)}</td>` +
      `<td class="bar" aria-hidden="true">${bar}</td></tr>`
    );
  });
  const what =
    against === undefined
      ? `the logit of ${nameOf(token)}`
      : `the logit of ${nameOf(token)} less that of ${nameOf(against)}`;
  return `<section class="attribution">
<h2>What makes the next token</h2>
<p>After ${shown(nameOf(tokens[position]!))}, number ${position}, ${shown(what)} is ${logit.toFixed(3)}: the sum of what the
parts add.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Parts of the logit"><table class="bars">
<thead><tr><th scope="col">Part</th><th scope="col" class="n">Adds</th><th scope="col" aria-hidden="true">Bar</th></tr></thead>
<tbody>
${bars.join('\n')}
</tbody></table></div>
</section>`;
}
