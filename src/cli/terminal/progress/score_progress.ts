import { counted } from '../../../base/counted.js';
import { threeDigits } from '../../../base/human_bytes.js';
import { now as monotonic } from '../../../base/timers.js';
import { canRedraw, type Terminal } from '../terminal.js';
import { Interval } from './interval.js';

/** Time between two messages: on a terminal that redraws one line, and elsewhere. */
const REDRAW_EVERY_MS = 200;
const LINE_EVERY_MS = 2000;
const CLEAR_LINE = '\r\u001b[2K';

/** Shows how many texts are scored. The total is unknown, because texts come from a stream. */
export class ScoreProgress {
  readonly #stream: Terminal;
  readonly #redraws: boolean;
  readonly #now: () => number;
  readonly #began: number;
  readonly #interval: Interval;
  #isShown = false;

  /** `now` is a clock in milliseconds. */
  constructor(stream: Terminal, now: () => number = monotonic) {
    this.#stream = stream;
    this.#redraws = canRedraw(stream);
    this.#now = now;
    this.#began = now();
    this.#interval = new Interval(this.#redraws ? REDRAW_EVERY_MS : LINE_EVERY_MS, now);
  }

  /** `tokens` is left out if nobody counts them. */
  update(texts: number, tokens?: number): void {
    if (!this.#interval.isDue()) return;
    const line = `scored ${counted(texts, 'text')}${tokens === undefined ? '' : this.#speed(tokens)}`;
    this.#stream.write(this.#redraws ? `${CLEAR_LINE}${line}` : `${line}\n`);
    this.#isShown = this.#redraws;
  }

  #speed(tokens: number): string {
    const rate = threeDigits((1000 * tokens) / (this.#now() - this.#began));
    return `, ${counted(tokens, 'token')} (${rate}/s)`;
  }

  /** Removes the line. */
  clear(): void {
    if (this.#isShown) this.#stream.write(CLEAR_LINE);
    this.#isShown = false;
  }
}
