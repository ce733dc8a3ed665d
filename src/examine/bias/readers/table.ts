import { Gpt2Error } from '../../../base/errors.js';
import { type FileText, fileText, noEntries } from './file_text.js';

/** A row of a table, with the line that it begins in, from 1. */
export interface TableRow<Column extends string> {
  readonly line: number;
  readonly cells: Readonly<Record<Column, string>>;
}

/** Where a cell without quotes ends. */
const CELL_END = { ',': /[",\r\n]|$/g, '\t': /[\t\r\n]|$/g } as const;
const LINE_END = /\r\n|\n|\r/y;

interface Line {
  readonly line: number;
  readonly cells: string[];
}

/**
 * The rows of a table whose first line names the columns; others than those wanted are ignored. With commas it has
 * the form of RFC 4180, with tabs there are no quotes. Throws `invalid-file` with the line for a row of another length than the first
 * line, a quote that is not closed or inside an unquoted cell, a missing column, and a table without rows.
 */
export function readTable<Column extends string>(
  file: FileText,
  name: string,
  separator: ',' | '\t',
  wanted: readonly Column[],
): TableRow<Column>[] {
  const [head, ...lines] = linesOf(fileText(file, name), name, separator);
  const columns = wanted.map((column) => {
    const at = head?.cells.indexOf(column) ?? -1;
    if (at >= 0) return [column, at] as const;
    throw new Gpt2Error('invalid-file', `${name} has no column ${column} in its first line`);
  });
  if (lines.length === 0) throw noEntries(name, 'rows');
  return lines.map(({ line, cells }) => {
    if (cells.length !== head!.cells.length) {
      throw wrong(name, line, `has ${cells.length} cells; its first line has ${head!.cells.length}`);
    }
    return { line, cells: Object.fromEntries(columns.map(([column, at]) => [column, cells[at]!])) } as never;
  });
}

function wrong(name: string, line: number, problem: string): Gpt2Error {
  return new Gpt2Error('invalid-file', `${name} line ${line} ${problem}`);
}

/** The cells of all lines that are not empty. */
function linesOf(text: string, name: string, separator: ',' | '\t'): Line[] {
  const found: Line[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const current: Line = { line, cells: [] };
    for (;;) {
      const start = at;
      at = cellEnd(text, start, separator);
      const isQuoted = separator === ',' && text[start] === '"' && at > start;
      const cell = isQuoted ? text.slice(start + 1, at - 1).replaceAll('""', '"') : text.slice(start, at);
      current.cells.push(cell);
      if (isQuoted) line += cell.match(/\r\n|\n|\r/g)?.length ?? 0;
      if (text[at] !== separator) break;
      at++;
    }
    LINE_END.lastIndex = at;
    if (at < text.length) {
      if (!LINE_END.test(text))
        throw wrong(name, line, 'has a quote where none belongs, or one that is not closed');
      at = LINE_END.lastIndex;
    }
    line++;
    if (current.cells.length > 1 || current.cells[0] !== '') found.push(current);
  }
  return found;
}

/** Where the cell that begins at `start` ends: behind its closing quote, or at what follows; `start` if it does not close. */
function cellEnd(text: string, start: number, separator: ',' | '\t'): number {
  if (separator === ',' && text[start] === '"') {
    let end = text.indexOf('"', start + 1);
    while (end !== -1 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
    return end === -1 ? start : end + 1;
  }
  const pattern = CELL_END[separator];
  pattern.lastIndex = start;
  return pattern.exec(text)!.index;
}
