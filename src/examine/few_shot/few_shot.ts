import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import type { Work } from '../../model/remote_models.js';
import { permutation } from '../../train/data/shuffle.js';
import type { AnyModel } from '../any_model.js';
import {
  CONTENT_FREE,
  type ContextualCalibration,
  calibrated,
  checkCalibration,
  checkContentFree,
  priorOf,
} from './calibration.js';
import { choiceLikelihoods } from './choice_likelihoods.js';
import {
  checkFewShot,
  checkLabelled,
  type FewShotOptions,
  type FewShotTask,
  INPUT,
  type LabelledInput,
} from './few_shot_options.js';
import { type Classified, classifiedBy, type FewShotResult, resultOf } from './results.js';

/** How inputs are classified. */
export interface ClassifyOptions extends Work {
  /** What `calibrate` has found; without it, probabilities are the model's own. */
  readonly calibration?: ContextualCalibration | undefined;
}

/** How a task is calibrated. */
export interface CalibrateOptions extends Work {
  /** Inputs without content: 'N/A', '' and '[MASK]' by default. */
  readonly contentFree?: readonly string[] | undefined;
}

/**
 * A task that a model does by continuing a prompt (Brown et al. 2020): an instruction, solved examples, and the query
 * that ends where one of the choices follows. A small model, such as that of this package, shows the method only.
 */
export class FewShot {
  readonly #task: FewShotTask;
  /** The prompt before the query. */
  readonly #before: string;

  /** Throws `invalid-option`. */
  constructor(options: FewShotOptions) {
    const task = checkFewShot(options);
    this.#task = task;
    const { instruction, examples, shots, seed, separator } = task;
    const order = seed === undefined ? examples.keys() : permutation(examples.length, seed, 0);
    const shown = Array.from(order, (i) => examples[i]!).slice(0, shots);
    const solved = shown.map(
      ({ input, label }) => this.#query(input) + task.texts[task.labels.indexOf(label)]!,
    );
    const parts = [...(instruction === '' ? [] : [instruction]), ...solved];
    this.#before = parts.map((part) => part + separator).join('');
  }

  /** The labels, in the order of the choices. */
  get labels(): readonly string[] {
    return this.#task.labels;
  }

  /** The prompt that asks for the label of an input. */
  prompt(input: string): string {
    if (typeof input !== 'string') throw invalidOption('input', input, 'a text');
    return this.#before + this.#query(input);
  }

  /** The likeliest label of an input. Throws `invalid-option`, `context-full`, `aborted`. */
  async classify(model: AnyModel, input: string, options: ClassifyOptions = {}): Promise<Classified> {
    return (await this.#classifyAll(model, [input], options))[0]!;
  }

  /**
   * Contextual calibration (Zhao et al. 2021): how likely the labels are after this prompt with inputs that say
   * nothing. With it, `classify` and `accuracy` divide each label's probability by that. Throws `invalid-option`,
   * `context-full`, `aborted`.
   */
  async calibrate(model: AnyModel, options: CalibrateOptions = {}): Promise<ContextualCalibration> {
    checkOptionNames('calibrate', options, ['signal', 'onProgress', 'contentFree']);
    const { contentFree = CONTENT_FREE } = options;
    checkContentFree(contentFree);
    const prompts = contentFree.map((input) => this.prompt(input));
    const rows = await choiceLikelihoods(model, prompts, this.#task.texts, options);
    return { contentFree: [...contentFree], labels: this.labels, prior: priorOf(rows) };
  }

  /**
   * How many of one or more inputs get their label, and which are confused. Progress counts inputs. Throws
   * `invalid-option`, `context-full`, `aborted`.
   */
  async accuracy(
    model: AnyModel,
    test: readonly LabelledInput[],
    options: ClassifyOptions = {},
  ): Promise<FewShotResult> {
    checkLabelled('test', test, this.labels);
    if (test.length === 0) throw invalidOption('test', test, 'an array of one or more { input, label }');
    const inputs = test.map(({ input }) => input);
    return resultOf(this.labels, test, await this.#classifyAll(model, inputs, options));
  }

  #query(input: string): string {
    return this.#task.query.replaceAll(INPUT, () => input);
  }

  async #classifyAll(
    model: AnyModel,
    inputs: readonly string[],
    options: ClassifyOptions,
  ): Promise<Classified[]> {
    checkOptionNames('classify', options, ['signal', 'onProgress', 'calibration']);
    const { calibration } = options;
    if (calibration !== undefined) checkCalibration(calibration, this.labels);
    const prompts = inputs.map((input) => this.prompt(input));
    const rows = await choiceLikelihoods(model, prompts, this.#task.texts, options);
    return rows.map((logs) =>
      classifiedBy(this.labels, calibration === undefined ? logs : calibrated(logs, calibration)),
    );
  }
}
