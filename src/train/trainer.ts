import type { ModelConfig } from '../architecture/gpt2/config.js';
import type { LoraAdapter } from '../architecture/gpt2/lora.js';
import type { Parameter } from '../architecture/gpt2/parameters.js';
import { Gpt2Error, throwIfAborted } from '../base/errors.js';
import { areFinite } from '../base/finite.js';
import { nextTask } from '../base/next_task.js';
import { Resource } from '../base/resource.js';
import { now } from '../base/timers.js';
import type { ConfigFiles } from '../checkpoints/checkpoint.js';
import { writeCheckpoint } from '../checkpoints/huggingface/write_checkpoint.js';
import { loadWeights } from '../checkpoints/load_weights.js';
import { openCheckpoint, settleHead, weightFiles } from '../checkpoints/open_checkpoint.js';
import { writeAdapter } from '../checkpoints/peft/adapter_files.js';
import { AdapterSum, MergingLoader } from '../checkpoints/peft/merging_loader.js';
import { withModel } from '../checkpoints/registry.js';
import { chooseBuild } from '../core/binary.js';
import { planThreads } from '../core/threads/plan.js';
import type { Batch } from '../core/training/batch.js';
import { countTargets } from '../core/training/batch.js';
import { TrainCore } from '../core/training/train_core.js';
import { WasmCore } from '../core/wasm_core.js';
import { checkedSource } from '../files/checked_source.js';
import { openTarget, openTrainingStateStore } from '../files/platform.js';
import type { ModelSource } from '../files/source.js';
import type { ModelTarget } from '../files/target.js';
import type { TrainingStateStore } from '../files/training_state_store.js';
import { mergerOf, tokenizerOrReason } from '../model/load_model.js';
import { Model } from '../model/model.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { type BatchShape, TrainingBatches, validationBatches } from './data/batches.js';
import { countData, type DataCounts, splitDocuments, type TokenDocuments } from './data/token_documents.js';
import { diverged } from './diverged.js';
import { checkTokens, chooseEnd } from './end_token.js';
import { initializeWeights } from './initialize.js';
import { checkMemory } from './memory_check.js';
import type { LossCurve, LossPoint } from './plot/loss_curve.js';
import { type RunState, runPlan, sameRun, type TrainingStep } from './run.js';
import { learningRateSchedule } from './schedule.js';
import { fingerprintBase, initializeAdapter, trainedAdapter } from './state/lora_run.js';
import { type KeptWeights, readStateFile, readTensors, writeState } from './state/training_state.js';
import { bytesOf, rowPieces } from './state/weight_pieces.js';
import { trainStep } from './step.js';
import { type ResolvedOptions, resolveTrainerOptions, type TrainerOptions } from './trainer_options.js';
import { encodeData, fingerprint } from './training_data.js';

/** What a trainer is made of. */
interface Parts {
  readonly options: ResolvedOptions;
  readonly core: TrainCore;
  readonly tokenizer: Tokenizer;
  readonly training: TokenDocuments;
  readonly validation: TokenDocuments | undefined;
  readonly shape: BatchShape;
  readonly store: TrainingStateStore | undefined;
  readonly state: RunState | undefined;
  readonly best: KeptWeights | undefined;
  readonly identity: Readonly<Record<string, unknown>>;
  readonly notes: readonly string[];
  /** Files of the model to begin with. */
  readonly kept: ConfigFiles | undefined;
}

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
  readonly #parts: Parts;
  readonly #core: TrainCore;
  readonly #batches: TrainingBatches;
  readonly #rate: (step: number) => number;
  readonly #evaluateEvery: number;
  readonly #state: RunState;
  #best: KeptWeights | undefined;
  /** Why no further step is possible. */
  #failure: Gpt2Error | undefined;
  /** The latest batch, and the step whose weights gave a finite loss; see `#prove`. */
  #batch: Batch | undefined;
  #proven: number;

  private constructor(parts: Parts) {
    super();
    const { options, core, tokenizer, training, shape, state } = parts;
    this.#parts = parts;
    this.#core = core;
    this.config = core.config;
    this.tokenizer = tokenizer;
    this.notes = parts.notes;
    this.#batches = new TrainingBatches(training, shape, options.seed, state?.position);
    const plan = runPlan(options, this.#batches.rowsPerEpoch);
    this.steps = plan.steps;
    this.#rate = learningRateSchedule(plan.schedule);
    this.#evaluateEvery = plan.evaluateEvery;
    this.#best = parts.best;
    this.#state = state ?? {
      ...{ step: 0, tokens: 0, training: [], validation: [], fruitless: 0 },
      position: this.#batches.position,
    };
    this.#proven = this.#state.step;
  }

  /**
   * Reads model, data and, to resume, the newest checkpoint. Throws `out-of-memory` with an estimate before anything
   * large is read, `invalid-option`, and as `loadModel` and `readDocuments` do.
   */
  static async create(options: TrainerOptions): Promise<Trainer> {
    const resolved = resolveTrainerOptions(options);
    const { model, config, checkpoints, signal } = resolved;
    const store = typeof checkpoints === 'string' ? openTrainingStateStore(checkpoints) : checkpoints;
    const latest = await store?.latest();
    const checkpoint = latest === undefined ? undefined : checkedSource(latest);
    if (checkpoint !== undefined && !resolved.resume) {
      throw new Gpt2Error(
        'invalid-option',
        `${checkpoint.name} is the checkpoint of a run that has not ended; resume it, or remove it to begin anew`,
      );
    }
    const begin = async (from: Start) => {
      const parts = await prepareTrainer(resolved, from, store, checkpoint);
      try {
        return new Trainer(parts);
      } catch (error) {
        parts.core.dispose();
        throw error;
      }
    };
    if (model === undefined) return begin({ config: config! });
    return withModel(model, resolved, async (files) => {
      const opened = await settleHead(await openCheckpoint(files, signal), { signal });
      const tokenizer = resolved.tokenizer ?? (await tokenizerOrReason(opened, signal));
      return begin({
        config: opened.config,
        kept: opened.json,
        tokenizer,
        async load(core) {
          await files.download?.(weightFiles(opened), { signal });
          const merge = await mergerOf(resolved, opened.config);
          await loadWeights(opened, merge(core.loader('weights')), { signal });
        },
      });
    });
  }

  /** Documents and tokens of the run's data: those that are learned from, and those held out. */
  get data(): {
    /** Data that is learned from. */
    readonly training: DataCounts;
    /** Data that is held out. */
    readonly validation: DataCounts;
  } {
    const { training, validation } = this.#parts;
    return { training: countData(training), validation: countData(validation) };
  }

  /** Steps that are done. */
  get step(): number {
    return this.#state.step;
  }

  /** Losses so far, of this run and of those that it went on from. */
  get curve(): LossCurve {
    return { training: this.#state.training, validation: this.#state.validation };
  }

  /** Whether no further step follows: all are done, or the validation loss has stopped falling. */
  get finished(): boolean {
    const { step, fruitless, pending } = this.#state;
    const { patience = Infinity } = this.#parts.options;
    return pending === undefined && (step >= this.steps || fruitless >= patience);
  }

  /**
   * The remaining steps of the run. Throws `aborted` between two steps; the run can continue after that.
   * Throws `runtime`, with the number of the step, when a loss or the gradients are not finite: no further
   * step is possible then.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<TrainingStep, void, void> {
    const { signal } = this.#parts.options;
    while (!this.finished) {
      await nextTask();
      throwIfAborted(signal, 'training');
      yield await this.#guard(() => this.#advance());
    }
  }

  /** The mean loss of the held-out documents, in nats; `undefined` without any. Throws `aborted`, and `runtime` if it is not finite. */
  async evaluate(): Promise<number | undefined> {
    const { validation, shape, options } = this.#parts;
    if (validation === undefined) return undefined;
    let sum = 0;
    let targets = 0;
    for (const batch of validationBatches(validation, shape)) {
      await nextTask();
      throwIfAborted(options.signal, 'evaluating');
      sum += await this.#core.evaluate(batch);
      targets += countTargets(batch);
    }
    const { step } = this.#state;
    if (!Number.isFinite(sum)) throw diverged(`the validation loss after step ${step}`, sum);
    this.#proven = step;
    return sum / targets;
  }

  /**
   * Writes the training state of the run now, if the options have a place for it. Throws `runtime` and
   * keeps the previous state if the run has diverged.
   */
  async checkpoint(): Promise<void> {
    const { store, identity } = this.#parts;
    if (store === undefined) return;
    await this.#guard(() => this.#prove());
    const { step } = this.#state;
    await writeState(store.target(step), this.#core, this.#best, { ...this.#state, identity });
    await store.prune(step);
  }

  /** Removes the saved training states, once the run has ended and its model is saved. */
  async forget(): Promise<void> {
    await this.#parts.store?.prune();
  }

  /**
   * Writes the model in Hugging Face's format or, with `lora`, the adapter in PEFT's: the best weights if
   * `patience` keeps them, else those after the latest step. `target` is the path of a folder, or a target
   * of your own. Throws `storage` if it cannot write, and `runtime` if the run has diverged and no best
   * weights are kept.
   */
  async save(target: string | ModelTarget): Promise<void> {
    if (this.#best === undefined) await this.#guard(() => this.#prove());
    const place = typeof target === 'string' ? openTarget(target) : target;
    const { model } = this.#parts.options;
    const adapter = this.#adapter();
    if (adapter !== undefined) return writeAdapter(place, adapter, typeof model === 'string' ? model : null);
    return writeCheckpoint(place, {
      config: this.config,
      tokenizer: this.tokenizer,
      kept: this.#parts.kept,
      weight: (parameter) => this.#weight(parameter),
    });
  }

  /**
   * The model that `save` would write, an adapter included, ready to generate; it has its own memory until
   * it is disposed. Throws `runtime` as `save` does.
   */
  async model(): Promise<Model> {
    if (this.#best === undefined) await this.#guard(() => this.#prove());
    const { config } = this;
    const { build } = this.#core;
    const core = await WasmCore.create({ config, build, weights: 'f32', threads: planThreads(1, 0) });
    const adapter = this.#adapter();
    const sum = new AdapterSum(adapter === undefined ? [] : [{ adapter, weight: 1 }]);
    const loader = new MergingLoader(core.loader, sum);
    for (const parameter of adapter === undefined ? this.#core.parameters : this.#core.frozen) {
      let row = 0;
      for (const values of this.#weight(parameter)) {
        const rows = values.length / parameter.shape.at(-1)!;
        loader.pack(parameter, row, rows, bytesOf(values), 'F32');
        row += rows;
      }
    }
    return new Model(core, this.tokenizer);
  }

  /** Ends the threads and gives the memory back. */
  dispose(): void {
    this.#core.dispose();
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

  /** Computes a step and all that is due after it. */
  async #advance(): Promise<TrainingStep> {
    const { checkpointEvery } = this.#parts.options;
    const { pending = await this.#train() } = this.#state;
    this.#state.pending = pending;
    const isLast = pending.step === this.steps;
    const due = pending.step % this.#evaluateEvery === 0 || isLast;
    const loss = due ? await this.evaluate() : undefined;
    if (loss !== undefined) this.#noteValidation(pending.step, loss);
    if (isLast) await this.#prove();
    delete this.#state.pending;
    if (pending.step % checkpointEvery === 0 && !this.finished) await this.checkpoint();
    return loss === undefined ? pending : { ...pending, validationLoss: loss };
  }

  /** Work that ends the run for good when a number is not finite, or the core fails. */
  async #guard<R>(work: () => Promise<R>): Promise<R> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return await work();
    } catch (error) {
      if (error instanceof Gpt2Error && error.code === 'runtime') this.#failure = error;
      throw error;
    }
  }

  /** Throws `runtime` if the weights after the latest step give no finite loss: they must not replace good ones. */
  async #prove(): Promise<void> {
    const { step } = this.#state;
    if (this.#proven === step || this.#batch === undefined) return;
    const loss = await this.#core.evaluate(this.#batch);
    if (!Number.isFinite(loss)) throw diverged(`the loss after step ${step}`, loss);
    this.#proven = step;
  }

  async #train(): Promise<TrainingStep> {
    const state = this.#state;
    const { options } = this.#parts;
    const { accumulation, dropout, seed, weightDecay, beta1, beta2, epsilon, maxGradientNorm } = options;
    const began = now();
    const batches = Array.from({ length: accumulation }, () => {
      const { tokens, targets, ...shape } = this.#batches.next();
      return { ...shape, tokens: tokens.slice(), targets: targets.slice() };
    });
    const step = state.step + 1;
    const learningRate = this.#rate(step);
    const { loss, gradientNorm } = await trainStep(this.#core, batches, {
      ...{ step, learningRate, weightDecay, beta1, beta2, epsilon, maxGradientNorm, seed },
      ...(dropout > 0 && { dropout: { embedding: dropout, attention: dropout, residual: dropout } }),
    });
    const tokens = batches.reduce((sum, { batch, length }) => sum + batch * length, 0);
    state.step = step;
    state.tokens += tokens;
    state.position = this.#batches.position;
    state.training.push({ step, loss });
    this.#batch = batches.at(-1);
    const ms = now() - began;
    const tokensPerSecond = ms > 0 ? (1000 * tokens) / ms : 0;
    return { step, loss, gradNorm: gradientNorm, learningRate, tokens: state.tokens, tokensPerSecond };
  }

  #noteValidation(step: number, loss: number): void {
    const state = this.#state;
    const best = state.validation.reduce(
      (least: number, point: LossPoint) => Math.min(least, point.loss),
      Infinity,
    );
    state.validation.push({ step, loss });
    state.fruitless = loss < best ? 0 : state.fruitless + 1;
    if (this.#parts.options.patience === undefined || state.fruitless > 0) return;
    const core = this.#core;
    this.#best = new Map(
      core.parameters.map((parameter) => [parameter.name, core.read('weights', parameter)]),
    );
  }

  /** A copy of the adapter, where one is trained. */
  #adapter(): LoraAdapter | undefined {
    const { lora } = this.#parts.options;
    const valuesOf = (parameter: Parameter) =>
      this.#best?.get(parameter.name)?.slice() ??
      this.#finite(parameter, this.#core.read('weights', parameter));
    return lora && trainedAdapter(this.#core, lora, valuesOf);
  }

  #finite(parameter: Parameter, values: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
    if (areFinite(values)) return values;
    throw diverged(`a weight of ${parameter.name} after step ${this.step}`, Number.NaN);
  }

  *#weight(parameter: Parameter): Generator<Float32Array> {
    const kept = this.#best?.get(parameter.name);
    const columns = parameter.shape.at(-1)!;
    for (const { firstRow, count } of rowPieces(parameter)) {
      yield kept === undefined
        ? this.#finite(parameter, this.#core.read('weights', parameter, firstRow, count))
        : kept.subarray(firstRow * columns, (firstRow + count) * columns);
    }
  }
}

/** A model to begin with. */
interface Start {
  readonly config: ModelConfig;
  /** Its files, which are kept where they do not say what is computed. */
  readonly kept?: ConfigFiles;
  readonly tokenizer?: Tokenizer | Gpt2Error;
  /** Loads its weights, where it has any. */
  readonly load?: (core: TrainCore) => Promise<void>;
}

async function prepareTrainer(
  options: ResolvedOptions,
  { config: startConfig, tokenizer = options.tokenizer, load, kept }: Start,
  store: TrainingStateStore | undefined,
  checkpoint: ModelSource | undefined,
): Promise<Parts> {
  const { batchSize, contextLength, layout, recompute, lora, threads, seed, signal } = options;
  if (tokenizer instanceof Gpt2Error) throw tokenizer;
  if (tokenizer === undefined) {
    throw new Gpt2Error('invalid-option', 'a model that is trained from scratch needs a tokenizer');
  }
  const { config, endOfText, notes } = chooseEnd(startConfig, tokenizer, lora !== undefined);
  const length = contextLength ?? Math.min(256, config.contextLength);
  const trainingShape = { batch: batchSize, length, recompute, lora };
  checkMemory(config, trainingShape, options);
  const documents = await encodeData(options.data, tokenizer, signal);
  checkTokens(documents.tokens, config, tokenizer);
  const { training, validation } = splitDocuments(documents, options.validation, seed);
  const shape: BatchShape = { layout, rows: batchSize, length, endOfText };
  const read = checkpoint && (await readStateFile(checkpoint));
  const build = chooseBuild(options.build, 'f32');
  const core = await TrainCore.create({ config, build, shape: trainingShape, threads });
  try {
    // Checkpoints have what is trained; the model that an adapter changes is read anew.
    if (load !== undefined && (lora !== undefined || checkpoint === undefined)) await load(core);
    const base = lora && fingerprintBase(core);
    const identity = { ...identityOf(options), length, config, data: fingerprint(documents), base };
    const state = read && sameRun(read, identity, checkpoint.name);
    const best = checkpoint && (await readTensors(checkpoint, core));
    if (checkpoint === undefined) {
      if (lora !== undefined) initializeAdapter(core, seed);
      else if (load === undefined) initializeWeights(core, seed);
    }
    const run = { training, validation, shape, store, state, best, identity };
    return { options, core, tokenizer, notes, kept, ...run };
  } catch (error) {
    core.dispose();
    throw error;
  }
}

/** The options that a run must not change, or it would be another one. */
function identityOf({ batchSize, accumulation, layout, validation, seed, dropout, lora }: ResolvedOptions) {
  return { batchSize, accumulation, layout, validation, seed, dropout, lora };
}
