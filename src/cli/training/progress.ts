import { SingleBar } from 'cli-progress';
import { threeDigits } from '../../base/human_bytes.js';
import { humanTime } from '../../base/human_time.js';
import { now as monotonic } from '../../base/timers.js';
import type { TrainingStep } from '../../train/run.js';
import { barColumns, canRedraw, type Terminal } from '../terminal/terminal.js';

/** Columns of a whole bar, and of the figures beside it. */
const BAR_COLUMNS = 24;
const FIGURES_COLUMNS = 56;
/** Time between two lines if the stream cannot show a bar. */
const LINE_EVERY_MS = 5000;

/** Shows how far a run of training is: a bar on a terminal that can redraw it, else lines. */
export class TrainProgress {
  readonly #stream: Terminal;
  readonly #bar: SingleBar | undefined;
  readonly #steps: number;
  readonly #now: () => number;
  readonly #began: number;
  #first: number | undefined;
  /** What the bar shows. */
  #shown: [step: number, facts: object] = [0, {}];
  #latestLine = Number.NEGATIVE_INFINITY;

  /** `now` gives milliseconds. */
  constructor(stream: Terminal, steps: number, now: () => number = monotonic) {
    this.#stream = stream;
    this.#steps = steps;
    this.#now = now;
    this.#began = now();
    if (!canRedraw(stream)) return;
    const format = 'step {value}/{total} [{bar}] loss {loss}, {rate} tokens/s, {left} left';
    this.#bar = new SingleBar({
      stream,
      format,
      clearOnComplete: true,
      linewrap: true,
      barsize: barColumns(stream, FIGURES_COLUMNS, BAR_COLUMNS),
    } as object);
  }

  update({ step, loss, tokensPerSecond, validationLoss }: TrainingStep): void {
    this.#first ??= step;
    const done = step - this.#first + 1;
    const left = humanTime(((this.#now() - this.#began) / 1000 / done) * (this.#steps - step));
    const facts = { loss: loss.toFixed(3), rate: threeDigits(tokensPerSecond), left };
    if (this.#bar !== undefined) {
      this.#shown = [step, facts];
      if (this.#bar.isActive) this.#bar.update(step, facts);
      else this.#bar.start(this.#steps, step, facts);
    } else if (this.#now() - this.#latestLine >= LINE_EVERY_MS) {
      this.#latestLine = this.#now();
      this.#stream.write(
        `step ${step}/${this.#steps}: loss ${facts.loss}, ${facts.rate} tokens/s, ${left} left\n`,
      );
    }
    if (validationLoss !== undefined) {
      const perplexity = threeDigits(Math.exp(validationLoss));
      this.note(`step ${step}: validation loss ${validationLoss.toFixed(3)}, perplexity ${perplexity}`);
    }
  }

  /** A line above the bar. */
  note(line: string): void {
    const isActive = this.#bar?.isActive;
    this.end();
    this.#stream.write(`${line}\n`);
    if (isActive) this.#bar?.start(this.#steps, ...this.#shown);
  }

  /** Takes the bar away. */
  end(): void {
    this.#bar?.stop();
  }
}
