import type { WriteStream } from 'node:tty';
import { SingleBar } from 'cli-progress';
import type { LoadProgress } from '../weights/load.js';

/** A load that is over by then shows no bar: it would only flicker. */
const BAR_AFTER_MS = 300;
/** Where there is no terminal, a line says how far the load is this often. */
const LINE_EVERY_MS = 2000;

/** What is shown of it. */
type Progress = Pick<LoadProgress, 'loaded' | 'total' | 'file'>;

/** Shows how far a load or a download is. */
export interface ProgressReport {
  update(progress: Progress): void;
  /** Takes the bar away; called also when the work failed. */
  end(): void;
}

/** A bar on a terminal, lines anywhere else; `work` is what they begin with, `now` gives milliseconds. */
export function reportProgress(
  stream: Pick<WriteStream, 'write' | 'isTTY'>,
  work: 'loading' | 'downloading',
  now: () => number = () => performance.now(),
): ProgressReport {
  return stream.isTTY ? new BarReport(stream as WriteStream, work, now) : new LineReport(stream, work, now);
}

class BarReport implements ProgressReport {
  readonly #bar: SingleBar;
  readonly #now: () => number;
  #start: number | undefined;

  constructor(stream: WriteStream, work: string, now: () => number) {
    // With `linewrap` the bar is cut at the terminal's width, and no terminal mode is left changed by a kill.
    this.#bar = new SingleBar({
      stream,
      format: `${work} {file} [{bar}] {percentage} %`,
      clearOnComplete: true,
      linewrap: true,
      barsize: 30,
    });
    this.#now = now;
  }

  update({ loaded, total, file }: Progress): void {
    this.#start ??= this.#now();
    if (this.#bar.isActive) this.#bar.update(loaded, { file });
    else if (this.#now() - this.#start >= BAR_AFTER_MS) this.#bar.start(total, loaded, { file });
  }

  end(): void {
    this.#bar.stop();
  }
}

class LineReport implements ProgressReport {
  readonly #stream: Pick<WriteStream, 'write'>;
  readonly #work: string;
  readonly #now: () => number;
  #latest: number;

  constructor(stream: Pick<WriteStream, 'write'>, work: string, now: () => number) {
    this.#stream = stream;
    this.#work = work;
    this.#now = now;
    this.#latest = now();
  }

  update({ loaded, total, file }: Progress): void {
    const time = this.#now();
    if (time - this.#latest < LINE_EVERY_MS) return;
    this.#latest = time;
    this.#stream.write(`${this.#work} ${file} ${Math.floor((100 * loaded) / total)} %\n`);
  }

  end(): void {}
}
