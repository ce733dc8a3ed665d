import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { checkNumber } from '../../base/check_number.js';
import { withModel } from '../../checkpoints/registry.js';
import { inContext, type TrainingShape } from '../../core/training/shape.js';
import { batchesFrom } from '../data/example_batches.js';
import { exampleIdentity } from '../data/example_options.js';
import { readersOf } from '../data/examples.js';
import type { LoopRun } from '../loop_run.js';
import { checkMemory } from '../memory_check.js';
import { startRun } from '../start_run.js';
import { openStates } from '../state/resume.js';
import { classRows } from './class_rows.js';
import {
  type ClassifierTrainerOptions,
  type LabelledText,
  type ResolvedClassifierOptions,
  resolveClassifierOptions,
} from './classifier_options.js';
import { type HeadedModel, openHeadedModel } from './headed_model.js';

/** A run of a classifier. */
export interface ClassifierRun extends LoopRun {
  readonly options: ResolvedClassifierOptions;
  readonly model: HeadedModel;
  readonly held: () => AsyncIterable<LabelledText> | undefined;
}

const DEFAULT_LENGTH = 256;

/** Most tokens of a text that a run judges. Throws `invalid-option`. */
export function textLength(
  { contextLength: given }: { readonly contextLength?: number },
  { contextLength }: ModelConfig,
): number {
  const length = given ?? Math.min(DEFAULT_LENGTH, contextLength);
  checkNumber('contextLength', length, inContext(contextLength));
  return length;
}

/** Opens model and data, and creates the core. Throws as `ClassifierTrainer.create` does. */
export async function openClassifierRun(given: ClassifierTrainerOptions): Promise<ClassifierRun> {
  const options = resolveClassifierOptions(given);
  const { labels, batchSize, recompute, lora, optimizer } = options;
  const states = await openStates(options);
  return withModel(options.model, options, async (files) => {
    const model = await openHeadedModel(files, options, labels.length);
    const { config, padTokenId, tokenizer } = model;
    const length = textLength(options, config);
    const shape: TrainingShape = { batch: batchSize, length, recompute, lora, optimizer };
    checkMemory(config, shape, options);
    const { training, held } = readersOf(options);
    const rows = classRows({
      ...{ rows: batchSize, length, labels, padTokenId, vocabSize: config.vocabSize, tokenizer },
    });
    const run = await startRun({
      ...{ options, config, shape, ...states },
      identity: { ...exampleIdentity(options), data: training.length, length, config, labels },
      load: (core) => model.load(core),
      batches: batchesFrom(training, held, rows),
    });
    return { ...run, model, held };
  });
}
