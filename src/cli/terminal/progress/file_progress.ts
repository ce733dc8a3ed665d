import { SingleBar } from 'cli-progress';
import { now as monotonic } from '../../../base/timers.js';
import { barColumns, canRedraw, type Terminal } from '../terminal.js';

/** Columns of a whole bar, and of the words beside it without the file's name. */
const BAR_COLUMNS = 30;
const WORDS_COLUMNS = 30;
/** Work that is over by then shows no bar: it would only flicker. */
const BAR_AFTER_MS = 300;
/** Where there is no terminal, a line says how far it is this often. */
const LINE_EVERY_MS = 2000;

/** How far some work is, in any unit, and the file that it is at. */
export interface FileProgress {
  readonly loaded: number;
  readonly total: number;
  readonly file: string;
}

/** Shows how far some work is. */
export interface ProgressReport {
  update(progress: FileProgress): void;
  /** Takes the bar away; called also when the work failed. */
  end(): void;
}

/** A bar on a terminal that can redraw it, else lines; `work` says what is done to each file, `now` gives milliseconds. */
export function reportProgress(
  stream: Terminal,
  work: string,
  now: () => number = monotonic,
): ProgressReport {
  return canRedraw(stream) ? new BarReport(stream, work, now) : new LineReport(stream, work, now);
}

class BarReport implements ProgressReport {
  readonly #bar: SingleBar;
  readonly #now: () => number;
  #start: number | undefined;

  constructor(stream: Terminal, work: string, now: () => number) {
    // With `linewrap` the bar is cut at the terminal's width, and no terminal mode is left changed by a kill.
    this.#bar = new SingleBar({
      stream: stream as NodeJS.WriteStream,
      format: `${work} {file} [{bar}] {percentage} %`,
      clearOnComplete: true,
      linewrap: true,
      barsize: barColumns(stream, WORDS_COLUMNS, BAR_COLUMNS),
    });
    this.#now = now;
  }

  update({ loaded, total, file }: FileProgress): void {
    this.#start ??= this.#now();
    if (this.#bar.isActive) this.#bar.update(loaded, { file });
    else if (this.#now() - this.#start >= BAR_AFTER_MS) this.#bar.start(total, loaded, { file });
  }

  end(): void {
    this.#bar.stop();
  }
}

class LineReport implements ProgressReport {
  readonly #stream: Pick<Terminal, 'write'>;
  readonly #work: string;
  readonly #now: () => number;
  #latest: number;

  constructor(stream: Pick<Terminal, 'write'>, work: string, now: () => number) {
    this.#stream = stream;
    this.#work = work;
    this.#now = now;
    this.#latest = now();
  }

  update({ loaded, total, file }: FileProgress): void {
    const time = this.#now();
    if (time - this.#latest < LINE_EVERY_MS) return;
    this.#latest = time;
    this.#stream.write(`${this.#work} ${file} ${Math.floor((100 * loaded) / total)} %\n`);
  }

  end(): void {}
}
