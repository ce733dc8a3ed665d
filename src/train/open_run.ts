import type { ModelConfig } from '../architecture/gpt2/config.js';
import { checkNumber } from '../base/check_number.js';
import { Gpt2Error } from '../base/errors.js';
import type { ConfigFiles } from '../checkpoints/checkpoint.js';
import { withModel } from '../checkpoints/registry.js';
import { inContext, type TrainingShape } from '../core/training/shape.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { type BatchShape, TrainingBatches, validationBatches } from './data/batches.js';
import { joinDocuments } from './data/join_documents.js';
import type { TokenDocuments } from './data/token_documents.js';
import { Distillation, NO_DISTILLATION, teacherBytes } from './distillation/distillation.js';
import { checkTeachers, type OpenTeacher, withTeachers } from './distillation/open_teachers.js';
import { chooseEnd } from './end_token.js';
import type { BatchSource, LoopRun } from './loop_run.js';
import { checkMemory } from './memory_check.js';
import { prepareData } from './prepare_data.js';
import type { CheckedData } from './report/data_report.js';
import { startRun } from './start_run.js';
import { openStartingModel, type StartingModel } from './starting_model.js';
import { openStates, type RunStates } from './state/resume.js';
import { identityOptions } from './state/run_state.js';
import { type ResolvedOptions, resolveTrainerOptions, type TrainerOptions } from './trainer_options.js';
import { fingerprint } from './training_data.js';

/** A run of a text model. */
export interface Run extends LoopRun {
  readonly options: ResolvedOptions;
  readonly tokenizer: Tokenizer;
  /** Facts about model, tokenizer and data, a sentence each. */
  readonly notes: readonly string[];
  /** JSON files of the model that the run starts from. */
  readonly configFiles: ConfigFiles | undefined;
  readonly distillation: Distillation | undefined;
  readonly data: CheckedData;
  readonly shape: BatchShape;
}

/** The model that a run starts from, or the configuration of one that is trained from scratch. */
type Start = StartingModel | { readonly config: ModelConfig; readonly tokenizer: Tokenizer | undefined };

/**
 * Opens the model and the data, plans memory, and creates the core with the weights of the first step or of
 * the newest training state. Throws as `Trainer.create` does.
 */
export async function openRun(given: TrainerOptions): Promise<Run> {
  const options = resolveTrainerOptions(given);
  const { model, config, tokenizer } = options;
  const states = await openStates(options);
  return withTeachers(options.teachers ?? [], options, async (teachers) => {
    if (model === undefined) return prepare(options, { config: config!, tokenizer }, states, teachers);
    return withModel(model, options, async (files) =>
      prepare(options, await openStartingModel(files, options), states, teachers),
    );
  });
}

async function prepare(
  options: ResolvedOptions,
  start: Start,
  states: RunStates,
  teachers: readonly OpenTeacher[],
): Promise<Run> {
  const { batchSize, contextLength, layout, documentBorders, recompute, lora, optimizer, seed } = options;
  const { quantize, quantizeFrom, curriculum } = options;
  const { tokenizer } = start;
  const { configFiles, load } = 'load' in start ? start : {};
  if (tokenizer instanceof Gpt2Error) throw tokenizer;
  if (tokenizer === undefined) {
    throw new Gpt2Error('invalid-option', 'a model that is trained from scratch needs a tokenizer');
  }
  const { config, endOfText, notes } = chooseEnd(start.config, tokenizer, lora !== undefined);
  const length = contextLength ?? Math.min(256, config.contextLength);
  checkNumber('contextLength', length, inContext(config.contextLength));
  checkTeachers(teachers, { config, tokenizer }, length);
  const distill = teachers.length > 0;
  const trainingShape: TrainingShape = {
    ...{ batch: batchSize, length, recompute, lora, optimizer, quantize, distill },
  };
  checkMemory(config, trainingShape, { ...options, teachers: teacherBytes(teachers, length, options) });
  const data = await prepareData(options, config, tokenizer);
  const { documents, validation } = data;
  const shape: BatchShape = { layout, rows: batchSize, length, endOfText, documentBorders, curriculum };
  const { newest } = states;
  const distillation = distill
    ? await Distillation.begin(teachers, { ...options, config, tokenizer, endOfText, newest })
    : undefined;
  try {
    const { written, objective, files, identity = NO_DISTILLATION } = distillation ?? {};
    const training = written === undefined ? data.training : joinDocuments(data.training, written);
    const run = await startRun({
      ...{ options, config, shape: trainingShape, ...states, load, quantizeFrom },
      ...(objective && { objective }),
      identity: { ...identityOptions(options), length, config, data: fingerprint(documents), ...identity },
      batches(position) {
        const batches = new TrainingBatches(training, shape, seed, position);
        return { source: textBatches(batches, validation, shape), rowsPerEpoch: batches.rowsPerEpoch };
      },
    });
    const texts = { tokenizer, notes: [...notes, ...data.notes], configFiles };
    return { ...run, ...texts, data: { ...data, training, written }, shape, distillation, files };
  } catch (error) {
    distillation?.dispose();
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
      const { tokens, targets, starts, ...sizes } = batches.next();
      return { ...sizes, tokens: tokens.slice(), targets: targets.slice(), starts: starts?.slice() };
    },
    validation: () => validation && validationBatches(validation, shape),
  };
}
