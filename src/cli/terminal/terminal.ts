import type { WriteStream } from 'node:tty';

/** The parts of a stream that decide how text is drawn on it. */
export type Terminal = Pick<WriteStream, 'write' | 'isTTY'> & Partial<Pick<WriteStream, 'columns'>>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Columns used if the stream is no terminal, and the most that are used on one. */
const MOST_COLUMNS = 100;
const DEFAULT_COLUMNS = 80;

/** Whether lines can be drawn over: a terminal that understands control sequences. */
export function canRedraw(stream: Terminal, environment: Environment = process.env): boolean {
  return stream.isTTY === true && environment.TERM !== 'dumb';
}

/** Whether to use colours. A NO_COLOR that is not empty forbids them (no-color.org). */
export function usesColors(stream: Terminal, environment: Environment = process.env): boolean {
  return canRedraw(stream, environment) && !environment.NO_COLOR;
}

/** Columns of text on a stream. */
export function columnsOf({ columns }: Terminal): number {
  return Math.min(columns || DEFAULT_COLUMNS, MOST_COLUMNS);
}

/** Columns of a progress bar beside `text` columns of words; short bars stay legible. */
export function barColumns(stream: Terminal, text: number, most: number): number {
  return Math.max(5, Math.min(most, columnsOf(stream) - text));
}
