import type { ModelConfig } from '../architecture/gpt2/config.js';
import { checkNumber } from '../base/check_number.js';
import { Gpt2Error } from '../base/errors.js';
import type { ConfigFiles } from '../checkpoints/checkpoint.js';
import { loadWeights } from '../checkpoints/load_weights.js';
import { openCheckpoint, settleHead, weightFiles } from '../checkpoints/open_checkpoint.js';
import { withModel } from '../checkpoints/registry.js';
import { chooseBuild } from '../core/binary.js';
import { inContext, type TrainingShape } from '../core/training/shape.js';
import { TrainCore } from '../core/training/train_core.js';
import { openTrainingStateStore } from '../files/platform.js';
import type { ModelSource } from '../files/source.js';
import type { TrainingStateStore } from '../files/training_state_store.js';
import { mergerOf, tokenizerOrReason } from '../model/load_model.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { type BatchShape, TrainingBatches, validationBatches } from './data/batches.js';
import { splitDocuments, type TokenDocuments } from './data/token_documents.js';
import { checkTokens, chooseEnd } from './end_token.js';
import { initializeWeights } from './initialize.js';
import { checkMemory } from './memory_check.js';
import { runPlan } from './run_plan.js';
import { learningRateSchedule } from './schedule.js';
import { fingerprintBase, initializeAdapter } from './state/lora_run.js';
import { newestState, openState, restoreState } from './state/resume.js';
import { identityOptions, initialState } from './state/run_state.js';
import { type ResolvedOptions, resolveTrainerOptions, type TrainerOptions } from './trainer_options.js';
import { encodeData, fingerprint } from './training_data.js';
import type { BatchSource, LoopRun } from './training_loop.js';

/** A run of a text model. */
export interface Run extends LoopRun {
  readonly options: ResolvedOptions;
  readonly tokenizer: Tokenizer;
  /** Differences between the model's config and the tokenizer, a sentence each. */
  readonly notes: readonly string[];
  /** JSON files of the model that the run starts from. */
  readonly configFiles: ConfigFiles | undefined;
  readonly training: TokenDocuments;
  readonly validation: TokenDocuments | undefined;
}

/** The model that a run starts from. */
interface StartingModel {
  readonly config: ModelConfig;
  /** Its tokenizer, or why it has none. */
  readonly tokenizer: Tokenizer | Gpt2Error | undefined;
  readonly configFiles?: ConfigFiles;
  /** Loads its weights into the core. Without it, the model is trained from scratch. */
  readonly load?: (core: TrainCore) => Promise<void>;
}

/**
 * Opens the model and the data, plans memory, and creates the core with the weights of the first step or of
 * the newest training state. Throws as `Trainer.create` does.
 */
export async function openRun(given: TrainerOptions): Promise<Run> {
  const options = resolveTrainerOptions(given);
  const { model, config, tokenizer, checkpoints } = options;
  const store = typeof checkpoints === 'string' ? openTrainingStateStore(checkpoints) : checkpoints;
  const newest = await newestState(store, options.resume);
  if (model === undefined) return prepare(options, { config: config!, tokenizer }, store, newest);
  return withModel(model, options, async (files) =>
    prepare(options, await openStart(files, options), store, newest),
  );
}

/** Opens the model to train, whose weights, with adapters merged, are loaded later. */
async function openStart(files: ModelSource, options: ResolvedOptions): Promise<StartingModel> {
  const { signal } = options;
  const opened = await settleHead(await openCheckpoint(files, signal), { signal });
  return {
    config: opened.config,
    tokenizer: options.tokenizer ?? (await tokenizerOrReason(opened, signal)),
    configFiles: opened.json,
    async load(core) {
      await files.download?.(weightFiles(opened), { signal });
      const merge = await mergerOf(options, opened.config);
      await loadWeights(opened, merge(core.loader('weights')), { signal });
    },
  };
}

async function prepare(
  options: ResolvedOptions,
  start: StartingModel,
  store: TrainingStateStore | undefined,
  newest: ModelSource | undefined,
): Promise<Run> {
  const { batchSize, contextLength, layout, recompute, lora, threads, seed, signal } = options;
  const { tokenizer, configFiles } = start;
  if (tokenizer instanceof Gpt2Error) throw tokenizer;
  if (tokenizer === undefined) {
    throw new Gpt2Error('invalid-option', 'a model that is trained from scratch needs a tokenizer');
  }
  const { config, endOfText, notes } = chooseEnd(start.config, tokenizer, lora !== undefined);
  const length = contextLength ?? Math.min(256, config.contextLength);
  checkNumber('contextLength', length, inContext(config.contextLength));
  const trainingShape: TrainingShape = { batch: batchSize, length, recompute, lora };
  checkMemory(config, trainingShape, options);
  const documents = await encodeData(options.data, tokenizer, signal);
  checkTokens(documents.tokens, config, tokenizer);
  const { training, validation } = splitDocuments(documents, options.validation, seed);
  const shape: BatchShape = { layout, rows: batchSize, length, endOfText };
  const saved = newest && (await openState(newest));
  const build = chooseBuild(options.build, 'f32');
  const core = await TrainCore.create({ config, build, shape: trainingShape, threads });
  try {
    // A training state has only trained weights: the model below an adapter is loaded each time.
    if (start.load !== undefined && (saved === undefined || lora !== undefined)) await start.load(core);
    const base = lora && fingerprintBase(core);
    const identity = { ...identityOptions(options), length, config, data: fingerprint(documents), base };
    const restored = saved && (await restoreState(saved, core, identity));
    if (restored === undefined) initialize(core, start, seed);
    const batches = new TrainingBatches(training, shape, seed, restored?.state.position);
    const plan = runPlan(options, batches.rowsPerEpoch);
    const state = restored?.state ?? initialState(batches.position);
    const data = { training, validation, batches: textBatches(batches, validation, shape) };
    const learningRate = learningRateSchedule(plan.schedule);
    return {
      ...{ options, core, tokenizer, notes, configFiles, plan, store, identity, state, best: restored?.best },
      ...data,
      learningRate,
    };
  } catch (error) {
    core.dispose();
    throw error;
  }
}

/** Batches of documents, as the loop over the steps takes them. */
function textBatches(
  batches: TrainingBatches,
  validation: TokenDocuments | undefined,
  shape: BatchShape,
): BatchSource {
  return {
    get position() {
      return batches.position;
    },
    next() {
      const { tokens, targets, ...sizes } = batches.next();
      return { ...sizes, tokens: tokens.slice(), targets: targets.slice() };
    },
    validation: () => validation && validationBatches(validation, shape),
  };
}

/** Initializes weights that come from no file: of a new adapter, or of a model trained from scratch. */
function initialize(core: TrainCore, { load }: StartingModel, seed: number): void {
  if (core.shape.lora !== undefined) initializeAdapter(core, seed);
  else if (load === undefined) initializeWeights(core, seed);
}
