import type { SingleBar } from 'cli-progress';
import { threeDigits } from '../../../base/human_bytes.js';
import { humanTime } from '../../../base/human_time.js';
import { now as monotonic } from '../../../base/timers.js';
import { withoutControls } from '../../../base/visible_text.js';
import type { TrainingStep } from '../../../train/training_step.js';
import { canRedraw, type Terminal } from '../terminal.js';
import { progressBar } from './bar.js';
import { Interval } from './interval.js';

/** Columns of a whole bar, and of the figures beside it. */
const BAR_COLUMNS = 24;
const FIGURES_COLUMNS = 56;
/** Time between two lines if the stream cannot show a bar. */
const LINE_EVERY_MS = 5000;

/** Shows the progress of a training run: a bar on a terminal that can redraw it, otherwise lines. */
export class TrainProgress {
  readonly #stream: Terminal;
  readonly #bar: SingleBar | undefined;
  readonly #steps: number;
  readonly #now: () => number;
  readonly #began: number;
  readonly #interval: Interval;
  #first: number | undefined;
  /** Arguments of the bar's latest update. */
  #shown: [step: number, facts: object] = [0, {}];

  /** `now` is a clock in milliseconds. */
  constructor(stream: Terminal, steps: number, now: () => number = monotonic) {
    this.#stream = stream;
    this.#steps = steps;
    this.#now = now;
    this.#began = now();
    this.#interval = new Interval(LINE_EVERY_MS, now, true);
    if (!canRedraw(stream)) return;
    const format = 'step {value}/{total} [{bar}] loss {loss}, {rate} tokens/s, {left} left';
    this.#bar = progressBar(stream, format, FIGURES_COLUMNS, BAR_COLUMNS);
  }

  update({ step, loss, tokensPerSecond, validationLoss, validationAccuracy }: TrainingStep): void {
    this.#first ??= step;
    const done = step - this.#first + 1;
    const left = humanTime(((this.#now() - this.#began) / 1000 / done) * (this.#steps - step));
    const facts = { loss: loss.toFixed(3), rate: threeDigits(tokensPerSecond), left };
    if (this.#bar !== undefined) {
      this.#shown = [step, facts];
      if (this.#bar.isActive) this.#bar.update(step, facts);
      else this.#bar.start(this.#steps, step, facts);
    } else if (this.#interval.isDue()) {
      this.#stream.write(
        `step ${step}/${this.#steps}: loss ${facts.loss}, ${facts.rate} tokens/s, ${left} left\n`,
      );
    }
    if (validationLoss !== undefined) {
      const figure =
        validationAccuracy === undefined
          ? `perplexity ${threeDigits(Math.exp(validationLoss))}`
          : `accuracy ${threeDigits(100 * validationAccuracy)} %`;
      this.note(`step ${step}: validation loss ${validationLoss.toFixed(3)}, ${figure}`);
    }
  }

  /** Writes a line above the bar, without what a terminal would obey: samples are of a model. */
  note(line: string): void {
    const isActive = this.#bar?.isActive;
    this.end();
    this.#stream.write(`${withoutControls(line)}\n`);
    if (isActive) this.#bar?.start(this.#steps, ...this.#shown);
  }

  /** Removes the bar. */
  end(): void {
    this.#bar?.stop();
  }
}
