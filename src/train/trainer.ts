import type { ModelConfig } from '../architecture/gpt2/config.js';
import { Gpt2Error, throwIfAborted } from '../base/errors.js';
import { nextTask } from '../base/next_task.js';
import { Resource } from '../base/resource.js';
import { now } from '../base/timers.js';
import { writeCheckpoint } from '../checkpoints/huggingface/write_checkpoint.js';
import { writeAdapter } from '../checkpoints/peft/adapter_files.js';
import type { Batch } from '../core/training/batch.js';
import { countTargets } from '../core/training/batch.js';
import { openTarget } from '../files/platform.js';
import type { ModelTarget } from '../files/target.js';
import { Model } from '../model/model.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { validationBatches } from './data/batches.js';
import { countData, type DataCounts } from './data/token_documents.js';
import { diverged } from './diverged.js';
import { openRun, type Run } from './open_run.js';
import type { LossCurve } from './plot/loss_curve.js';
import { storedState } from './state/run_state.js';
import { type BestWeights, writeState } from './state/training_state.js';
import { trainStep } from './step.js';
import { TrainedWeights } from './trained_weights.js';
import type { TrainerOptions } from './trainer_options.js';
import type { TrainingStep } from './training_step.js';

/**
 * Trains a model: `for await (const step of trainer)` computes one step of AdamW after the other until the
 * run is done. Leaving the loop stops after a step, and another loop continues from there. The steps are a
 * function of model, data and options alone, also over interruptions: a resumed run ends with the same bits
 * as one that was never stopped.
 */
export class Trainer extends Resource implements AsyncIterable<TrainingStep> {
  /** Configuration of the trained model. */
  readonly config: ModelConfig;
  /** The tokenizer that encodes the data and is saved with the model. */
  readonly tokenizer: Tokenizer;
  /**
   * Differences between the model's config and the tokenizer, such as the token that ends a text, and how
   * the run resolves them: one sentence each, to be shown before the first step.
   */
  readonly notes: readonly string[];
  /** Steps of the whole run, if nothing ends it before. */
  readonly steps: number;
  readonly #run: Run;
  #best: BestWeights | undefined;
  /** Why no further step is possible. */
  #failure: Gpt2Error | undefined;
  /** The latest microbatch. */
  #batch: Batch | undefined;
  /** The latest step whose weights are known to give a finite loss. */
  #finiteStep: number;

  private constructor(run: Run) {
    super();
    this.#run = run;
    this.config = run.core.config;
    this.tokenizer = run.tokenizer;
    this.notes = run.notes;
    this.steps = run.plan.steps;
    this.#best = run.best;
    this.#finiteStep = run.state.step;
  }

  /**
   * Reads model, data and, with `resume`, the newest training state. Throws `out-of-memory` with an estimate
   * before anything large is read, `invalid-option`, and as `loadModel` and `readDocuments` do.
   */
  static async create(options: TrainerOptions): Promise<Trainer> {
    return new Trainer(await openRun(options));
  }

  /** Documents and tokens of the training data and of the held-out data. */
  get data(): {
    /** Data for training. */
    readonly training: DataCounts;
    /** Data that is held out for validation. */
    readonly validation: DataCounts;
  } {
    const { training, validation } = this.#run;
    return { training: countData(training), validation: countData(validation) };
  }

  /** Steps that are done. */
  get step(): number {
    return this.#run.state.step;
  }

  /** Losses of all steps so far, including those before the run was resumed. */
  get curve(): LossCurve {
    return { training: this.#run.state.training, validation: this.#run.state.validation };
  }

  /** Whether no further step follows: all are done, or the validation loss has stopped falling. */
  get finished(): boolean {
    const { step, evaluationsWithoutImprovement, pending } = this.#run.state;
    const { patience = Infinity } = this.#run.options;
    return pending === undefined && (step >= this.steps || evaluationsWithoutImprovement >= patience);
  }

  /**
   * The remaining steps of the run. Throws `aborted` between two steps; the run can continue after that.
   * Throws `runtime`, with the number of the step, when a loss or the gradients are not finite: no further
   * step is possible then.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<TrainingStep, void, void> {
    const { signal } = this.#run.options;
    while (!this.finished) {
      await nextTask();
      throwIfAborted(signal, 'training');
      yield await this.#untilFailure(() => this.#advance());
    }
  }

  /**
   * The mean loss of the held-out documents, in nats; `undefined` without any. Throws `aborted`, and
   * `runtime` if it is not finite.
   */
  async evaluate(): Promise<number | undefined> {
    const { validation, shape, options } = this.#run;
    if (validation === undefined) return undefined;
    let sum = 0;
    let targets = 0;
    for (const batch of validationBatches(validation, shape)) {
      await nextTask();
      throwIfAborted(options.signal, 'evaluating');
      sum += await this.#run.core.evaluate(batch);
      targets += countTargets(batch);
    }
    const { step } = this.#run.state;
    if (!Number.isFinite(sum)) throw diverged(`the validation loss after step ${step}`, sum);
    this.#finiteStep = step;
    return sum / targets;
  }

  /**
   * Writes the training state of the run now, if the options have a place for it. Throws `runtime` and
   * keeps the previous state if the run has diverged.
   */
  async saveState(): Promise<void> {
    const { store, core, state, identity } = this.#run;
    if (store === undefined) return;
    await this.#untilFailure(() => this.#checkWeights());
    await writeState(store.target(state.step), core, this.#best, storedState(state, identity));
    await store.prune(state.step);
  }

  /** @deprecated Use `saveState`. */
  checkpoint(): Promise<void> {
    return this.saveState();
  }

  /** Removes the saved training states, once the run has ended and its model is saved. */
  async deleteStates(): Promise<void> {
    await this.#run.store?.prune();
  }

  /** @deprecated Use `deleteStates`. */
  forget(): Promise<void> {
    return this.deleteStates();
  }

  /**
   * Writes the model in Hugging Face's format or, with `lora`, the adapter in PEFT's: the best weights if
   * `patience` keeps them, else those after the latest step. `target` is the path of a folder, or a target
   * of your own. Throws `storage` if it cannot write, and `runtime` if the run has diverged and no best
   * weights are kept.
   */
  async save(target: string | ModelTarget): Promise<void> {
    const weights = await this.#weights();
    const place = typeof target === 'string' ? openTarget(target) : target;
    const { options, configFiles } = this.#run;
    const { model } = options;
    const adapter = weights.adapter();
    if (adapter !== undefined) return writeAdapter(place, adapter, typeof model === 'string' ? model : null);
    return writeCheckpoint(place, {
      config: this.config,
      tokenizer: this.tokenizer,
      kept: configFiles,
      weight: (parameter) => weights.rows(parameter),
    });
  }

  /**
   * The model that `save` would write, an adapter included, ready to generate; it has its own memory until
   * it is disposed. Throws `runtime` as `save` does.
   */
  async model(): Promise<Model> {
    const weights = await this.#weights();
    return new Model(await weights.generatingCore(), this.tokenizer);
  }

  /** Ends the threads and gives the memory back. */
  dispose(): void {
    this.#run.core.dispose();
  }

  /** The name of the class. */
  get [Symbol.toStringTag](): string {
    return 'Trainer';
  }

  /** Plain data about the run, for consoles and `JSON.stringify`. */
  toJSON(): object {
    const { config, step, steps, finished } = this;
    return { config, step, steps, finished };
  }

  /** Computes a step, then evaluates and saves if that is due. */
  async #advance(): Promise<TrainingStep> {
    const { state, plan, options } = this.#run;
    state.pending ??= await this.#train();
    const { pending } = state;
    const isLast = pending.step === this.steps;
    const isDue = pending.step % plan.evaluateEvery === 0 || isLast;
    const validationLoss = isDue ? await this.evaluate() : undefined;
    if (validationLoss !== undefined) this.#noteValidation(pending.step, validationLoss);
    if (isLast) await this.#checkWeights();
    delete state.pending;
    if (pending.step % options.checkpointEvery === 0 && !this.finished) await this.saveState();
    return validationLoss === undefined ? pending : { ...pending, validationLoss };
  }

  /**
   * Runs `work`, unless the run has failed. A `runtime` error ends the run: every later call throws it again.
   */
  async #untilFailure<R>(work: () => Promise<R>): Promise<R> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return await work();
    } catch (error) {
      if (error instanceof Gpt2Error && error.code === 'runtime') this.#failure = error;
      throw error;
    }
  }

  /**
   * Throws `runtime` if the weights after the latest step give no finite loss, so that they never replace
   * good ones: the loss of a step says only that the weights before it were good.
   */
  async #checkWeights(): Promise<void> {
    const { core, state } = this.#run;
    if (this.#finiteStep === state.step || this.#batch === undefined) return;
    const loss = await core.evaluate(this.#batch);
    if (!Number.isFinite(loss)) throw diverged(`the loss after step ${state.step}`, loss);
    this.#finiteStep = state.step;
  }

  /**
   * The weights to save or to generate with. Throws `runtime` if the run has diverged and none were kept
   * before.
   */
  async #weights(): Promise<TrainedWeights> {
    if (this.#best === undefined) await this.#untilFailure(() => this.#checkWeights());
    return new TrainedWeights(this.#run.core, this.#best, this.step);
  }

  async #train(): Promise<TrainingStep> {
    const { core, batches, state, options } = this.#run;
    const { accumulation, dropout, seed, weightDecay, beta1, beta2, epsilon, maxGradientNorm } = options;
    const began = now();
    const microbatches = Array.from({ length: accumulation }, () => {
      const { tokens, targets, ...shape } = batches.next();
      return { ...shape, tokens: tokens.slice(), targets: targets.slice() };
    });
    const step = state.step + 1;
    const learningRate = this.#run.learningRate(step);
    const { loss, gradientNorm: gradNorm } = await trainStep(core, microbatches, {
      ...{ step, learningRate, weightDecay, beta1, beta2, epsilon, maxGradientNorm, seed },
      ...(dropout > 0 && { dropout: { embedding: dropout, attention: dropout, residual: dropout } }),
    });
    const tokens = microbatches.reduce((sum, { batch, length }) => sum + batch * length, 0);
    state.step = step;
    state.tokens += tokens;
    state.position = batches.position;
    state.training.push({ step, loss });
    this.#batch = microbatches.at(-1);
    const ms = now() - began;
    const tokensPerSecond = ms > 0 ? (1000 * tokens) / ms : 0;
    return { step, loss, gradNorm, learningRate, tokens: state.tokens, tokensPerSecond };
  }

  /**
   * Adds a validation loss to the curve. With `patience`, keeps a copy of the weights if it is the lowest so
   * far.
   */
  #noteValidation(step: number, loss: number): void {
    const { core, state, options } = this.#run;
    const isLowest = state.validation.every((point) => loss < point.loss);
    state.validation.push({ step, loss });
    state.evaluationsWithoutImprovement = isLowest ? 0 : state.evaluationsWithoutImprovement + 1;
    if (options.patience === undefined || !isLowest) return;
    this.#best = new Map(
      core.parameters.map((parameter) => [parameter.name, core.read('weights', parameter)]),
    );
  }
}
