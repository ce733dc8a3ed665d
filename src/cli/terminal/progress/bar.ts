import { SingleBar } from 'cli-progress';
import { columnsOf, type Terminal } from '../terminal.js';

/** Shortest bar that can be read. */
const LEAST_COLUMNS = 5;

/**
 * A progress bar of at most `most` columns, shorter if the terminal has no room for it beside `words` columns
 * of words. `format` is that of cli-progress.
 */
export function progressBar(stream: Terminal, format: string, words: number, most: number): SingleBar {
  // With `linewrap` cli-progress cuts the bar at the terminal's width and changes no mode of the terminal,
  // which a killed process would leave changed.
  return new SingleBar({
    stream: stream as NodeJS.WriteStream,
    format,
    clearOnComplete: true,
    linewrap: true,
    barsize: Math.max(LEAST_COLUMNS, Math.min(most, columnsOf(stream) - words)),
  });
}
