import { visibleText } from '../../../base/visible_text.js';
import { shown } from '../../report/html_page.js';
import type { InsideToken } from '../results.js';

/** A token on one line, its spaces visible. */
export const nameOf = ({ text }: Pick<InsideToken, 'text'>): string =>
  visibleText(text) || '(part of a character)';

/** Levels of shades, 0 to 4, of a share of 1. */
export const shadeOf = (share: number): string =>
  `s${[0.05, 0.2, 0.4, 0.7].filter((least) => share >= least).length}`;

/** A cell of a grid; `detail` is said when it is chosen. */
export function gridCell(text: string, shade: string, detail: string, attributes = ''): string {
  return `<td class="${shade}" tabindex="-1" dir="auto" data-detail="${shown(detail)}"${attributes}>${shown(text)}</td>`;
}

/** A grid whose first cell can be reached with Tab, and the others with the arrow keys. */
export function gridTable(label: string, heads: readonly string[], rows: readonly string[]): string {
  const columns = heads.map((head) => `<th scope="col" dir="auto">${shown(head)}</th>`).join('');
  const body = rows.join('\n').replace('tabindex="-1"', 'tabindex="0"');
  return `<div class="scroll"><table class="grid" role="grid" aria-label="${shown(label)}">
<thead><tr>${columns}</tr></thead>
<tbody>
${body}
</tbody></table></div>`;
}
