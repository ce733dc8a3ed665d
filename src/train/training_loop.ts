import { Gpt2Error, throwIfAborted } from '../base/errors.js';
import { nextTask } from '../base/next_task.js';
import { now } from '../base/timers.js';
import type { Batch } from '../core/training/batch.js';
import { countTargets } from '../core/training/batch.js';
import type { TrainCore } from '../core/training/train_core.js';
import type { TrainingStateStore } from '../files/training_state_store.js';
import type { DataPosition } from './data/batches.js';
import { diverged } from './diverged.js';
import type { LossCurve } from './plot/loss_curve.js';
import type { LoopOptions } from './run_options.js';
import type { RunPlan } from './run_plan.js';
import { type RunIdentity, type RunState, storedState } from './state/run_state.js';
import { type BestWeights, writeState } from './state/training_state.js';
import { trainStep } from './step.js';
import { TrainedWeights } from './trained_weights.js';
import type { TrainingStep } from './training_step.js';

/** Batches of a run, endless: from any position the same ones follow. */
export interface BatchSource {
  /** Position of the next batch. */
  readonly position: DataPosition;
  /** The next batch, whose arrays are the caller's. */
  next(): Batch | Promise<Batch>;
  /** Goes back to a position, after a batch could not be read. */
  seek?(position: DataPosition): void;
  /** All held-out batches, each valid until the next one is taken; undefined without held-out data. */
  validation(): Iterable<Batch> | AsyncIterable<Batch> | undefined;
}

/** A run that is ready for its next step: the first one, or that after the state it was resumed from. */
export interface LoopRun {
  readonly options: LoopOptions;
  /** Holds the weights and moments. */
  readonly core: TrainCore;
  readonly batches: BatchSource;
  readonly plan: RunPlan;
  /** Learning rate of each step, from 1. */
  readonly learningRate: (step: number) => number;
  readonly store: TrainingStateStore | undefined;
  readonly identity: RunIdentity;
  readonly state: RunState;
  /** Weights with the lowest validation loss so far, if `patience` keeps them. */
  readonly best: BestWeights | undefined;
}

/** The steps of a run, with their evaluations and saved states, whatever model and data it has. */
export class TrainingLoop {
  readonly #run: LoopRun;
  #best: BestWeights | undefined;
  /** Why no further step is possible. */
  #failure: Gpt2Error | undefined;
  /** The latest microbatch. */
  #batch: Batch | undefined;
  /** The latest step whose weights are known to give a finite loss. */
  #finiteStep: number;

  constructor(run: LoopRun) {
    this.#run = run;
    this.#best = run.best;
    this.#finiteStep = run.state.step;
  }

  /** Steps that are done. */
  get step(): number {
    return this.#run.state.step;
  }

  /** Steps of the whole run, if nothing ends it before. */
  get steps(): number {
    return this.#run.plan.steps;
  }

  /** Losses of all steps so far. */
  get curve(): LossCurve {
    return { training: this.#run.state.training, validation: this.#run.state.validation };
  }

  /** Whether no further step follows. */
  get finished(): boolean {
    const { step, evaluationsWithoutImprovement, pending } = this.#run.state;
    const { patience = Infinity } = this.#run.options;
    return pending === undefined && (step >= this.steps || evaluationsWithoutImprovement >= patience);
  }

  /** The remaining steps. Throws `aborted` between two steps, `runtime` if the run diverges. */
  async *remaining(): AsyncGenerator<TrainingStep, void, void> {
    const { signal } = this.#run.options;
    while (!this.finished) {
      await nextTask();
      throwIfAborted(signal, 'training');
      yield await this.#untilFailure(() => this.#advance());
    }
  }

  /** The mean loss of the held-out data, in nats; `undefined` without any. Throws `aborted`, `runtime`. */
  async evaluate(): Promise<number | undefined> {
    const { batches, options, core, state } = this.#run;
    const validation = batches.validation();
    if (validation === undefined) return undefined;
    let sum = 0;
    let targets = 0;
    for await (const batch of validation) {
      await nextTask();
      throwIfAborted(options.signal, 'evaluating');
      sum += await core.evaluate(batch);
      targets += countTargets(batch);
    }
    if (!Number.isFinite(sum)) throw diverged(`the validation loss after step ${state.step}`, sum);
    this.#finiteStep = state.step;
    return sum / targets;
  }

  /** Writes the training state, if there is a place for it. Throws `runtime` if the run has diverged. */
  async saveState(): Promise<void> {
    const { store, core, state, identity } = this.#run;
    if (store === undefined) return;
    await this.#untilFailure(() => this.#checkWeights());
    await writeState(store.target(state.step), core, this.#best, storedState(state, identity));
    await store.prune(state.step);
  }

  /** Removes the saved training states. */
  async deleteStates(): Promise<void> {
    await this.#run.store?.prune();
  }

  /**
   * The weights to save or to generate with. Throws `runtime` if the run has diverged and none were kept
   * before.
   */
  async weights(): Promise<TrainedWeights> {
    if (this.#best === undefined) await this.#untilFailure(() => this.#checkWeights());
    return new TrainedWeights(this.#run.core, this.#best, this.step);
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

  async #train(): Promise<TrainingStep> {
    const { core, batches, state, options } = this.#run;
    const { accumulation, dropout, seed, weightDecay, beta1, beta2, epsilon, maxGradientNorm } = options;
    const began = now();
    const microbatches: Batch[] = [];
    try {
      for (let i = 0; i < accumulation; i++) microbatches.push(await batches.next());
    } catch (error) {
      batches.seek?.(state.position);
      throw error;
    }
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
