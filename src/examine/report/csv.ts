import type { Column } from './columns.js';

/** Texts that a spreadsheet would take for a formula, and those that look like one with apostrophes before it. */
const FORMULA = /^'*(?:[\t\r]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20])/;

/** The line of names. */
export function csvHead<T>(columns: readonly Column<T>[]): string {
  return line(columns.map(({ name }) => name));
}

/** A line for each item, as RFC 4180 writes them. A text that looks like a formula gets an apostrophe before it. */
export function csvLines<T>(columns: readonly Column<T>[], items: readonly T[]): string {
  return items.map((item, index) => line(columns.map((column) => column.of(item, index)))).join('');
}

function line(cells: readonly (string | number | undefined)[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

function cellOf(value: string | number | undefined): string {
  if (typeof value !== 'string') return value === undefined ? '' : String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
