import { counted } from '../../base/counted.js';
import { threeDigits } from '../../base/human_bytes.js';
import { humanTime } from '../../base/human_time.js';
import type { LossPoint } from '../../train/plot/loss_curve.js';
import { type CurveFrame, lossCurveElements, lossCurveSvg } from '../../train/plot/svg.js';
import type { TrainingStep } from '../../train/training_step.js';
import { make } from '../page/dom.js';
import { svgElement } from '../page/trusted_types.js';

const CURVE_HEIGHT = 240;
const CURVE_TOP = 12;

/** Names of the curves, and of what they show. */
export interface CurveNames extends Pick<CurveFrame, 'lossLabel'> {
  readonly training: string;
  readonly validation: string;
}

/** The progress of a run: a line of figures, the loss curve, and samples of what the model writes. */
export class LessonProgress {
  readonly #box: HTMLElement;
  readonly #status: HTMLElement;
  readonly #bar: HTMLProgressElement;
  readonly #curve: HTMLElement;
  readonly #loss: HTMLElement;
  readonly #heldOut: HTMLElement;
  readonly #samples: HTMLElement;
  readonly #frame: Pick<CurveFrame, 'lossLabel'>;
  readonly #training: LossPoint[] = [];
  readonly #validation: LossPoint[] = [];
  #steps = 0;
  #about = '';
  #isDrawing = false;

  /** Fills the element `box`. `prefix` begins the ids of its parts. */
  constructor(box: HTMLElement, prefix: string, names: CurveNames) {
    const id = (name: string) => ({ id: `${prefix}-${name}` });
    this.#box = box;
    this.#frame = names.lossLabel === undefined ? {} : { lossLabel: names.lossLabel };
    this.#bar = make('progress', { ...id('bar'), class: 'bar', max: '1', 'aria-label': 'Steps done' });
    this.#status = make('p', { ...id('status'), class: 'progress-line' });
    this.#loss = make('b', id('loss'));
    this.#heldOut = make('b', id('held-out'));
    this.#curve = make('div', { ...id('curve'), class: 'curve' });
    this.#samples = make('ol', { ...id('samples'), class: 'samples', reversed: true });
    box.append(
      this.#bar,
      this.#status,
      make(
        'p',
        { class: 'curves' },
        make('span', { class: 'training' }, `${names.training} `, this.#loss),
        make('span', { class: 'validation' }, `${names.validation} `, this.#heldOut),
      ),
      this.#curve,
      make('h3', {}, 'Samples'),
      this.#samples,
    );
    new ResizeObserver(() => this.#draw()).observe(this.#curve);
  }

  begin(): void {
    this.#about = '';
    this.#training.length = 0;
    this.#validation.length = 0;
    this.#samples.replaceChildren();
    this.#status.textContent = 'Reading the model';
    this.#bar.removeAttribute('value');
    this.#box.hidden = false;
    this.#draw();
    this.#box.scrollIntoView({ block: 'start' });
  }

  /** Says what is done before the first step. */
  preparing(text: string): void {
    this.#status.textContent = text;
  }

  /** `about` says what the steps learn from. */
  ready(steps: number, about: string): void {
    this.#steps = steps;
    this.#about = about;
    this.#status.textContent = about;
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
      this.#about,
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
    return new File([lossCurveSvg(this.#points, 'Loss', this.#frame.lossLabel)], 'loss.svg');
  }

  get #points() {
    return { training: this.#training, validation: this.#validation };
  }

  #draw(): void {
    const width = Math.round(this.#curve.clientWidth);
    if (width === 0) return;
    const frame = { width, height: CURVE_HEIGHT, top: CURVE_TOP, ...this.#frame };
    const last = this.#training.at(-1);
    this.#loss.textContent = last === undefined ? '' : threeDigits(last.loss);
    const held = this.#validation.at(-1);
    this.#heldOut.textContent = held === undefined ? '' : threeDigits(held.loss);
    const label = last
      ? `Loss after ${counted(last.step, 'step')}: ${threeDigits(last.loss)}`
      : 'Loss: no step is done yet';
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${CURVE_HEIGHT}" role="img" aria-label="${label}">${lossCurveElements(this.#points, frame)}</svg>`;
    this.#curve.replaceChildren(svgElement(svg));
  }
}
