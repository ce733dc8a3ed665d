import { Gpt2Error, throwIfAborted } from '../base/errors.js';
import { withinMemory } from '../base/memory_error.js';
import { nextTask } from '../base/next_task.js';
import { Resource } from '../base/resource.js';
import type { Batch } from '../core/training/batch.js';
import { diverged } from './diverged.js';
import type { LoopRun } from './loop_run.js';
import type { LossCurve } from './plot/loss_curve.js';
import { runStep } from './run_step.js';
import { addValidation, storedState } from './state/run_state.js';
import { type BestWeights, writeState } from './state/training_state.js';
import { copyWeights, TrainedWeights, withWeights } from './trained_weights.js';
import type { TrainingStep } from './training_step.js';

/** The steps of a run, with their evaluations and saved states, whatever model and data it has. */
export abstract class TrainingLoop extends Resource implements AsyncIterable<TrainingStep> {
  /** Configuration of the trained model. */
  abstract readonly config: object;
  /** Steps of the whole run, if nothing ends it before. */
  readonly steps: number;
  readonly #run: LoopRun;
  #best: BestWeights | undefined;
  /** Why no further step is possible. */
  #failure: Gpt2Error | undefined;
  /** The latest microbatch. */
  #batch: Batch | undefined;
  /** The latest step whose weights are known to give a finite loss. */
  #finiteStep: number;

  /** Continues a run. */
  protected constructor(run: LoopRun) {
    super();
    this.#run = run;
    this.steps = run.plan.steps;
    this.#best = run.best;
    this.#finiteStep = run.state.step;
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
   * The remaining steps of the run. Throws `aborted` between two steps, and `invalid-option` for an example that
   * cannot be learned; the run can continue after both. Throws `runtime`, with the number of the step, when a loss or
   * the gradients are not finite: no further step is possible then.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<TrainingStep, void, void> {
    const { signal } = this.#run.options;
    while (!this.finished) {
      await nextTask();
      throwIfAborted(signal, 'training');
      yield await withinMemory(this.#untilFailure(() => this.#advance()));
    }
  }

  /**
   * The mean loss of the held-out data, in nats; `undefined` without any. Throws `aborted`, and `runtime` if it is not
   * finite.
   */
  async evaluate(): Promise<number | undefined> {
    const { batches, options, core, state, objective } = this.#run;
    const validation = batches.validation();
    if (validation === undefined) return undefined;
    let sum = 0;
    let losses = 0;
    for await (const batch of validation) {
      await nextTask();
      throwIfAborted(options.signal, 'evaluating');
      sum += await objective.evaluate(core, batch);
      losses += objective.count(batch);
    }
    if (!Number.isFinite(sum)) throw diverged(`the validation loss after step ${state.step}`, sum);
    this.#finiteStep = state.step;
    return sum / losses;
  }

  /**
   * Writes the training state of the run now, if the options have a place for it. Throws `runtime` and
   * keeps the previous state if the run has diverged.
   */
  async saveState(): Promise<void> {
    const { store, core, state, identity, files } = this.#run;
    if (store === undefined) return;
    await this.#untilFailure(() => this.#checkWeights());
    const stored = storedState(state, identity);
    await writeState(store.target(state.step), core, this.#best, stored, files);
    await store.prune(state.step);
  }

  /** Removes the saved training states, once the run has ended and its model is saved. */
  async deleteStates(): Promise<void> {
    await this.#run.store?.prune();
  }

  /**
   * The weights to save or to generate with. Throws `runtime` if the run has diverged and none were kept
   * before.
   */
  protected async weights(): Promise<TrainedWeights> {
    if (this.#best === undefined) await this.#untilFailure(() => this.#checkWeights());
    return new TrainedWeights(this.#run.core, this.#best, this.step);
  }

  /** Runs `work` while the core has the best weights, if they are kept. */
  protected async atBest<R>(work: () => Promise<R>): Promise<R> {
    const finiteStep = this.#finiteStep;
    try {
      return await withWeights(this.#run.core, this.#best, work);
    } finally {
      this.#finiteStep = finiteStep;
    }
  }

  /** Ends the threads and gives the memory back. */
  dispose(): void {
    this.#run.core.dispose();
  }

  /** Plain data about the run, for consoles and `JSON.stringify`. */
  toJSON(): object {
    const { config, step, steps, finished } = this;
    return { config, step, steps, finished };
  }

  /** Computes a step, then evaluates and saves if that is due. */
  async #advance(): Promise<TrainingStep> {
    const { core, state, plan, options, objective } = this.#run;
    if (state.pending === undefined) {
      const { step, batch } = await runStep(this.#run);
      this.#batch = batch;
      state.pending = step;
    }
    const { pending } = state;
    const isLast = pending.step === this.steps;
    const isDue = pending.step % plan.evaluateEvery === 0 || isLast;
    objective.measures?.();
    const validationLoss = isDue ? await this.evaluate() : undefined;
    const held = objective.measures?.();
    const { quantizeFrom } = this.#run;
    const isLowest =
      validationLoss !== undefined && addValidation(state, pending.step, validationLoss, quantizeFrom);
    if (isLowest && options.patience !== undefined) this.#best = copyWeights(core);
    if (isLast) await this.#checkWeights();
    delete state.pending;
    if (pending.step % options.checkpointEvery === 0 && !this.finished) await this.saveState();
    if (validationLoss === undefined) return pending;
    return {
      ...pending,
      validationLoss,
      ...(held?.accuracy !== undefined && { validationAccuracy: held.accuracy }),
    };
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
    const { core, state, objective } = this.#run;
    if (this.#finiteStep === state.step || this.#batch === undefined) return;
    const loss = await objective.evaluate(core, this.#batch);
    if (!Number.isFinite(loss)) throw diverged(`the loss after step ${state.step}`, loss);
    this.#finiteStep = state.step;
  }
}
