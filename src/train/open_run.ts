import type { ModelConfig } from '../architecture/gpt2/config.js';
import { checkNumber } from '../base/check_number.js';
import { Gpt2Error } from '../base/errors.js';
import type { ConfigFiles } from '../checkpoints/checkpoint.js';
import { loadWeights } from '../checkpoints/load_weights.js';
import { openCheckpoint, settleHead, weightFiles } from '../checkpoints/open_checkpoint.js';
import { withModel } from '../checkpoints/registry.js';
import { inContext, type TrainingShape } from '../core/training/shape.js';
import type { TrainCore } from '../core/training/train_core.js';
import { openTrainingStateStore } from '../files/platform.js';
import type { ModelSource } from '../files/source.js';
import type { TrainingStateStore } from '../files/training_state_store.js';
import { mergedOf } from '../model/load_model.js';
import { tokenizerOrReason } from '../model/tokenizer_or_reason.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { type BatchShape, TrainingBatches, validationBatches } from './data/batches.js';
import { splitDocuments, type TokenDocuments } from './data/token_documents.js';
import { checkTokens, chooseEnd } from './end_token.js';
import type { BatchSource, LoopRun } from './loop_run.js';
import { checkMemory } from './memory_check.js';
import { startRun } from './start_run.js';
import { newestState } from './state/resume.js';
import { identityOptions } from './state/run_state.js';
import { type ResolvedOptions, resolveTrainerOptions, type TrainerOptions } from './trainer_options.js';
import { encodeData, fingerprint } from './training_data.js';

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
  const settled = await settleHead(await openCheckpoint(files, signal), { signal });
  const { checkpoint: opened, merge } = await mergedOf(settled, options);
  return {
    config: opened.config,
    tokenizer: options.tokenizer ?? (await tokenizerOrReason(opened, signal)),
    configFiles: opened.json,
    async load(core) {
      await files.download?.(weightFiles(opened), { signal });
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
  const { batchSize, contextLength, layout, recompute, lora, seed, signal } = options;
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
  const run = await startRun({
    ...{ options, config, shape: trainingShape, store, newest, load: start.load },
    identity: { ...identityOptions(options), length, config, data: fingerprint(documents) },
    batches(position) {
      const batches = new TrainingBatches(training, shape, seed, position);
      return { source: textBatches(batches, validation, shape), rowsPerEpoch: batches.rowsPerEpoch };
    },
  });
  return { ...run, tokenizer, notes, configFiles, training, validation };
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
