import { visibleText } from '../../base/visible_text.js';
import { attributionRows } from '../../examine/inside/attribution_rows.js';
import type { LogitAttribution } from '../../examine/inside/results.js';

/** Columns of the values and around the bars. */
const FIGURES = 14;
const LEAST_COLUMNS = 10;

/** The parts of a logit with their values and bars: ░ for those that lower it. */
export function attributionBars(attribution: LogitAttribution, columns: number): string {
  const { tokens, position, token, against, logit } = attribution;
  const rows = attributionRows(attribution);
  const width = Math.max(...rows.map(({ name, depth }) => name.length + 2 * depth));
  const most = Math.max(...rows.map(({ value }) => Math.abs(value)));
  const room = Math.max(LEAST_COLUMNS, columns - width - FIGURES);
  const lines = rows.map(({ name, value, depth }) => {
    const length = most > 0 ? Math.round((room * Math.abs(value)) / most) : 0;
    const bar = (value < 0 ? '░' : '█').repeat(length);
    return `${`${'  '.repeat(depth)}${name}`.padEnd(width)} ${value.toFixed(3).padStart(9)}  ${bar}`.trimEnd();
  });
  const less = against === undefined ? '' : ` less that of ${visibleText(against.text)}`;
  const title =
    `after ${visibleText(tokens[position]!.text)} (position ${position}): ` +
    `logit of ${visibleText(token.text)}${less}`;
  return `${title}\n${[...lines, `${'sum'.padEnd(width)} ${logit.toFixed(3).padStart(9)}`].join('\n')}\n`;
}
