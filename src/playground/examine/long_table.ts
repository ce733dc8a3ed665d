import { counted } from '../../base/counted.js';
import { make } from '../page/dom.js';

/** Rows that are shown at first. */
const FIRST = 50;

export interface Column<T> {
  readonly heading: string;
  /** Whether the column has numbers, which are aligned at their ends. */
  readonly isNumber?: boolean;
  cell(row: T): string;
}

/** A table whose first rows are shown, with a button that shows the others. */
export function longTable<T>(
  caption: string,
  columns: readonly Column<T>[],
  rows: readonly T[],
): HTMLElement {
  const body = make('tbody', {}, ...rows.slice(0, FIRST).map((row) => tableRow(columns, row)));
  const head = columns.map(({ heading, isNumber = false }) =>
    make('th', { scope: 'col', ...(isNumber && { class: 'number' }) }, heading),
  );
  const table = make(
    'table',
    {},
    make('caption', { class: 'hidden' }, caption),
    make('thead', {}, make('tr', {}, ...head)),
    body,
  );
  // The region can be scrolled with the keys if the table is too wide.
  const region = make('div', { class: 'table', role: 'region', 'aria-label': caption, tabindex: '0' }, table);
  if (rows.length <= FIRST) return region;
  const more = make('button', { type: 'button', class: 'quiet' }, `Show all ${counted(rows.length, 'row')}`);
  more.addEventListener('click', () => {
    body.append(...rows.slice(FIRST).map((row) => tableRow(columns, row)));
    more.remove();
    region.focus();
  });
  return make('div', {}, region, more);
}

function tableRow<T>(columns: readonly Column<T>[], row: T): HTMLElement {
  return make(
    'tr',
    {},
    ...columns.map(({ cell, isNumber = false }) =>
      make('td', isNumber ? { class: 'number' } : {}, cell(row)),
    ),
  );
}
