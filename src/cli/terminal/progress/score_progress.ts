import { counted } from '../../../base/counted.js';
import { threeDigits } from '../../../base/human_bytes.js';
import { now } from '../../../base/timers.js';
import { canRedraw, type Terminal } from '../terminal.js';

/** Time between two messages: on a terminal that redraws a line, and elsewhere. */
const REDRAW_EVERY_MS = 200;
const LINE_EVERY_MS = 2000;
const CLEAR_LINE = '\r\u001b[2K';

/** Says how many texts are scored, which is all that is known of a stream: its length is not. */
export class ScoreProgress {
  readonly #stream: Terminal;
  readonly #redraws: boolean;
  readonly #now: () => number;
  readonly #began: number;
  #latest: number;
  #isShown = false;

  /** `time` gives milliseconds. */
  constructor(stream: Terminal, time: () => number = now) {
    this.#stream = stream;
    this.#redraws = canRedraw(stream);
    this.#now = time;
    this.#began = time();
    this.#latest = this.#began;
  }

  update(texts: number, tokens: number): void {
    const time = this.#now();
    if (time - this.#latest < (this.#redraws ? REDRAW_EVERY_MS : LINE_EVERY_MS)) return;
    this.#latest = time;
    const rate = threeDigits((1000 * tokens) / (time - this.#began));
    const line = `scored ${counted(texts, 'text')}, ${counted(tokens, 'token')} (${rate}/s)`;
    this.#stream.write(this.#redraws ? `${CLEAR_LINE}${line}` : `${line}\n`);
    this.#isShown = this.#redraws;
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#isShown) this.#stream.write(CLEAR_LINE);
    this.#isShown = false;
  }
}
