import type { WriteStream } from 'node:tty';

/** Properties of an output stream that decide how text is shown on it. */
export type Terminal = Pick<WriteStream, 'write' | 'isTTY'> & Partial<Pick<WriteStream, 'columns'>>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Most columns used on a terminal, and columns used elsewhere. */
const MOST_COLUMNS = 100;
const DEFAULT_COLUMNS = 80;

/** Whether lines can be overwritten: the stream is a terminal that understands control sequences. */
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
