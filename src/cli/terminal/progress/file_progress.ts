import type { SingleBar } from 'cli-progress';
import { now as monotonic } from '../../../base/timers.js';
import { visibleText } from '../../../base/visible_text.js';
import { canRedraw, type Terminal } from '../terminal.js';
import { progressBar } from './bar.js';
import { Interval } from './interval.js';

/** Columns of a whole bar, and of the words beside it without the name of the file. */
const BAR_COLUMNS = 30;
const WORDS_COLUMNS = 30;
/** Work that ends earlier shows no bar, which would only flicker. */
const BAR_AFTER_MS = 300;
/** Time between two lines if the stream cannot show a bar. */
const LINE_EVERY_MS = 2000;

/** Progress of some work in any unit, with the file that is worked on. */
export interface FileProgress {
  readonly loaded: number;
  readonly total: number;
  readonly file: string;
}

/** Shows the progress of some work. */
export interface ProgressReport {
  update(progress: FileProgress): void;
  /** Removes the bar. Must be called also if the work fails. */
  end(): void;
}

interface ReportOptions {
  /** Show nothing. */
  readonly quiet?: boolean | undefined;
  /** Clock in milliseconds. */
  readonly now?: () => number;
}

/** Shows a bar on a terminal that can redraw it, otherwise lines. `work` is the verb: "downloading". */
export function reportProgress(stream: Terminal, work: string, options: ReportOptions = {}): ProgressReport {
  const { quiet, now = monotonic } = options;
  if (quiet) return { update() {}, end() {} };
  return canRedraw(stream) ? new BarReport(stream, work, now) : new LineReport(stream, work, now);
}

class BarReport implements ProgressReport {
  readonly #bar: SingleBar;
  readonly #now: () => number;
  #start: number | undefined;

  constructor(stream: Terminal, work: string, now: () => number) {
    const format = `${work} {file} [{bar}] {percentage} %`;
    this.#bar = progressBar(stream, format, WORDS_COLUMNS, BAR_COLUMNS);
    this.#now = now;
  }

  update({ loaded, total, file: name }: FileProgress): void {
    const file = visibleText(name);
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
  readonly #interval: Interval;

  constructor(stream: Pick<Terminal, 'write'>, work: string, now: () => number) {
    this.#stream = stream;
    this.#work = work;
    this.#interval = new Interval(LINE_EVERY_MS, now);
  }

  update({ loaded, total, file }: FileProgress): void {
    if (!this.#interval.isDue()) return;
    this.#stream.write(`${this.#work} ${visibleText(file)} ${Math.floor((100 * loaded) / total)} %\n`);
  }

  end(): void {}
}
