import { withModel } from '../../checkpoints/registry.js';
import type { TrainingShape } from '../../core/training/shape.js';
import { type HeadedModel, openHeadedModel } from '../classes/headed_model.js';
import { textLength } from '../classes/open_classifier_run.js';
import { batchesFrom } from '../data/example_batches.js';
import { exampleIdentity } from '../data/example_options.js';
import { allExamples, readersOf } from '../data/examples.js';
import type { LoopRun } from '../loop_run.js';
import { checkMemory } from '../memory_check.js';
import { asPairs, encodePreferences, fingerprintPreferences } from '../preferences/encode_preferences.js';
import { PairObjective } from '../preferences/pair_objective.js';
import { preferenceRows } from '../preferences/preference_batch.js';
import { startRun } from '../start_run.js';
import { openStates } from '../state/resume.js';
import {
  type ResolvedRewardOptions,
  type RewardTrainerOptions,
  resolveRewardOptions,
} from './reward_options.js';
import { rewardRows } from './reward_rows.js';

/** A run of a reward head. */
export interface RewardRun extends LoopRun {
  readonly options: ResolvedRewardOptions;
  readonly objective: PairObjective;
  readonly model: HeadedModel;
  /** Texts that were cut or left out, a sentence each. */
  readonly notes: readonly string[];
}

/** Opens model and data, and creates the core. Throws as `RewardTrainer.create` does. */
export async function openRewardRun(given: RewardTrainerOptions): Promise<RewardRun> {
  const options = resolveRewardOptions(given);
  const { batchSize, recompute, lora, optimizer, seed } = options;
  const states = await openStates(options);
  return withModel(options.model, options, async (files) => {
    const model = await openHeadedModel(files, options, 1);
    const { config, padTokenId, tokenizer } = model;
    const length = textLength(options, config);
    const shape: TrainingShape = { batch: 2 * batchSize, length, recompute, lora, optimizer };
    checkMemory(config, shape, options);
    const rules = { tokenizer, vocabSize: config.vocabSize, length, padTokenId };
    const encode = asPairs((pair, cut) => rewardRows(pair, rules, cut));
    const { training: data, validation, notes } = await encodePreferences(options, encode, length);
    const { training } = readersOf({ data, validation: 0, seed });
    const held = () => (validation.length === 0 ? undefined : allExamples(validation));
    const objective = new PairObjective({ tokenLoss: 'logit', weight: () => 1, gamma: 0 });
    const run = await startRun({
      ...{ options, config, shape, objective, ...states },
      identity: {
        ...{ ...exampleIdentity(options), loss: 'reward', length, config },
        data: fingerprintPreferences([...data, ...validation]),
      },
      load: (core) => model.load(core),
      batches: batchesFrom(
        training,
        held,
        preferenceRows(batchSize, ({ answers }) => [...answers], padTokenId),
      ),
    });
    return { ...run, objective, model, notes };
  });
}
