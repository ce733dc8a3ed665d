import type { WriteStream } from 'node:tty';
import { SingleBar } from 'cli-progress';
import type { LoadProgress } from '../weights/load.js';

/** A load that is over by then shows no bar: it would only flicker. */
const BAR_AFTER_MS = 300;
/** Where there is no terminal, a line says how far the load is this often. */
const LINE_EVERY_MS = 2000;

/** Shows how far a load is. */
export interface ProgressReport {
  update(progress: LoadProgress): void;
  /** Takes the bar away; called also when the load failed. */
  end(): void;
}

/** A bar on a terminal, lines anywhere else; `now` gives milliseconds, `work` names what is done. */
export function reportProgress(
  stream: Pick<WriteStream, 'write' | 'isTTY'>,
  now: () => number = () => performance.now(),
  work = 'loading',
): ProgressReport {
  return stream.isTTY ? new BarReport(stream as WriteStream, now, work) : new LineReport(stream, now, work);
}

class BarReport implements ProgressReport {
  readonly #bar: SingleBar;
  readonly #now: () => number;
  readonly #start: number;

  constructor(stream: WriteStream, now: () => number, work: string) {
    // With `linewrap` the bar is cut at the terminal's width, and no terminal mode is left changed by a kill.
    this.#bar = new SingleBar({
      stream,
      format: `${work} {file} [{bar}] {percentage} %`,
      clearOnComplete: true,
      linewrap: true,
      barsize: 30,
    });
    this.#now = now;
    this.#start = now();
  }

  update({ loaded, total, file }: LoadProgress): void {
    if (this.#bar.isActive) this.#bar.update(loaded, { file });
    else if (this.#now() - this.#start >= BAR_AFTER_MS) this.#bar.start(total, loaded, { file });
  }

  end(): void {
    this.#bar.stop();
  }
}

class LineReport implements ProgressReport {
  readonly #stream: Pick<WriteStream, 'write'>;
  readonly #now: () => number;
  readonly #work: string;
  #latest: number;

  constructor(stream: Pick<WriteStream, 'write'>, now: () => number, work: string) {
    this.#stream = stream;
    this.#now = now;
    this.#work = work;
    this.#latest = now();
  }

  update({ loaded, total, file }: LoadProgress): void {
    const time = this.#now();
    if (time - this.#latest < LINE_EVERY_MS) return;
    this.#latest = time;
    this.#stream.write(`${this.#work} ${file} ${Math.floor((100 * loaded) / total)} %\n`);
  }

  end(): void {}
}
