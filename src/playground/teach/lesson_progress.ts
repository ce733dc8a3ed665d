import { counted } from '../../base/counted.js';
import { humanBytes, threeDigits } from '../../base/human_bytes.js';
import { humanTime } from '../../base/human_time.js';
import type { LossPoint } from '../../train/plot/loss_curve.js';
import { lossCurveElements, lossCurveSvg } from '../../train/plot/svg.js';
import type { TrainingStep } from '../../train/training_step.js';
import { byId, make } from '../page/dom.js';

const CURVE_HEIGHT = 240;
const CURVE_TOP = 12;

/** The progress of a run: a line of figures, the loss curve, and samples of what the model writes. */
export class LessonProgress {
  readonly #box = byId('lesson-progress', HTMLElement);
  readonly #status = byId('lesson-status', HTMLElement);
  readonly #bar = byId('lesson-bar', HTMLProgressElement);
  readonly #curve = byId('lesson-curve', HTMLElement);
  readonly #loss = byId('lesson-loss', HTMLElement);
  readonly #heldOut = byId('lesson-held-out', HTMLElement);
  readonly #samples = byId('lesson-samples', HTMLElement);
  readonly #training: LossPoint[] = [];
  readonly #validation: LossPoint[] = [];
  #steps = 0;
  #passes = '';
  #isDrawing = false;

  constructor() {
    new ResizeObserver(() => this.#draw()).observe(this.#curve);
  }

  begin(steps: number): void {
    this.#steps = steps;
    this.#passes = '';
    this.#training.length = 0;
    this.#validation.length = 0;
    this.#samples.replaceChildren();
    this.#status.textContent = 'Reading the model and the text';
    this.#bar.removeAttribute('value');
    this.#box.hidden = false;
    this.#draw();
    this.#box.scrollIntoView({ block: 'start' });
  }

  reading(loaded: number, total: number): void {
    this.#status.textContent = `Reading the text: ${humanBytes(loaded)} of ${humanBytes(total)}`;
  }

  ready(tokens: number, tokensPerStep: number): void {
    const passes = (this.#steps * tokensPerStep) / tokens;
    const times = passes < 1 ? `${threeDigits(100 * passes)} % of it` : `it ${threeDigits(passes)} times`;
    this.#passes = `${tokens.toLocaleString('en')} tokens of text; the run goes through ${times}`;
    this.#status.textContent = this.#passes;
  }

  step({ step, loss, validationLoss, tokensPerSecond, tokens }: TrainingStep): void {
    this.#training.push({ step, loss });
    if (validationLoss !== undefined) this.#validation.push({ step, loss: validationLoss });
    this.#bar.value = step / this.#steps;
    const left = ((this.#steps - step) * tokens) / step / tokensPerSecond;
    const parts = [
      `Step ${step} of ${this.#steps}`,
      `loss ${threeDigits(loss)}`,
      `${threeDigits(tokensPerSecond)} tokens/s`,
      ...(step < this.#steps ? [`${humanTime(left)} left`] : []),
      this.#passes,
    ];
    this.#status.textContent = parts.join(' \u00B7 ');
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => {
      this.#isDrawing = false;
      this.#draw();
    });
  }

  /** Shows a sample above the earlier ones. */
  sample(step: number, prompt: string, text: string): void {
    const when = step === 0 ? 'Before' : `After step ${step}`;
    const row = make('li', {}, make('p', { class: 'meaning' }, when));
    row.append(make('p', { class: 'sample' }, make('b', {}, prompt), text));
    this.#samples.prepend(row);
  }

  hide(): void {
    this.#box.hidden = true;
  }

  /** The loss curve as a file; `undefined` before the first step. */
  get svg(): File | undefined {
    if (this.#training.length === 0) return undefined;
    return new File([lossCurveSvg(this.#points)], 'loss.svg');
  }

  get #points() {
    return { training: this.#training, validation: this.#validation };
  }

  #draw(): void {
    const width = Math.round(this.#curve.clientWidth);
    if (width === 0) return;
    const frame = { width, height: CURVE_HEIGHT, top: CURVE_TOP };
    const last = this.#training.at(-1);
    this.#loss.textContent = last === undefined ? '' : threeDigits(last.loss);
    const held = this.#validation.at(-1);
    this.#heldOut.textContent = held === undefined ? '' : threeDigits(held.loss);
    const label = last
      ? `Loss after ${counted(last.step, 'step')}: ${threeDigits(last.loss)}`
      : 'Loss: no step is done yet';
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${CURVE_HEIGHT}" role="img" aria-label="${label}">${lossCurveElements(this.#points, frame)}</svg>`;
    // This is safe: the elements hold only numbers and words of this program.
    this.#curve.innerHTML = svg;
  }
}
