import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { checkNumber } from '../../base/check_number.js';
import { Gpt2Error } from '../../base/errors.js';
import type { ConfigFiles } from '../../checkpoints/checkpoint.js';
import { withModel } from '../../checkpoints/registry.js';
import { inContext, type TrainingShape } from '../../core/training/shape.js';
import { startTokenOf } from '../../generate/prompt.js';
import { idsOnly } from '../../tokenizer/ids_only.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { batchesFrom } from '../data/example_batches.js';
import { exampleIdentity } from '../data/example_options.js';
import { allExamples, readersOf } from '../data/examples.js';
import { endWithout } from '../end_token.js';
import type { LoopRun } from '../loop_run.js';
import { checkMemory } from '../memory_check.js';
import { startRun } from '../start_run.js';
import { openStartingModel, type StartingModel } from '../starting_model.js';
import { openStates, type RunStates } from '../state/resume.js';
import { answerRows, type CutCounts } from './answer_rows.js';
import {
  asJudged,
  asPairs,
  encodePreferences,
  fingerprintPreferences,
  type Preference,
} from './encode_preferences.js';
import { KtoObjective } from './kto_objective.js';
import { PairObjective } from './pair_objective.js';
import { preferenceRows } from './preference_batch.js';
import type { PreferencePair } from './preference_data.js';
import type { PreferenceObjective } from './preference_objective.js';
import {
  type PreferenceTrainerOptions,
  type ResolvedPreferenceOptions,
  resolvePreferenceOptions,
} from './preference_options.js';
import { checkReference, referenceLogProbabilities } from './reference.js';

/** A run on preferences. */
export interface PreferenceRun extends LoopRun {
  readonly options: ResolvedPreferenceOptions;
  readonly objective: PreferenceObjective;
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer | undefined;
  /** The tokenizer, or `IdsOnly` if there is none. */
  readonly textOrIds: Tokenizer;
  /** Differences between config and tokenizer, and texts that were cut, a sentence each. */
  readonly notes: readonly string[];
  readonly configFiles: ConfigFiles;
}

const DEFAULT_LENGTH = 256;

/**
 * Opens model and data, plans memory, creates the core, and computes the log-probabilities of all answers if the run is
 * new. Throws as `PreferenceTrainer.create` does.
 */
export async function openPreferenceRun(given: PreferenceTrainerOptions): Promise<PreferenceRun> {
  const options = resolvePreferenceOptions(given);
  const states = await openStates(options);
  return withModel(options.model, options, async (files) =>
    prepare(options, await openStartingModel(files, options), states),
  );
}

async function prepare(
  options: ResolvedPreferenceOptions,
  model: StartingModel,
  states: RunStates,
): Promise<PreferenceRun> {
  const { batchSize, contextLength, recompute, lora, optimizer, quantize, loss } = options;
  const { beta, gamma, desirableWeight, undesirableWeight } = options;
  const { tokenizer: found, configFiles } = model;
  const tokenizer = found instanceof Gpt2Error ? undefined : found;
  const { config, notes, endOfText } = endWithout(model.config, tokenizer, lora !== undefined);
  const length = contextLength ?? Math.min(DEFAULT_LENGTH, config.contextLength);
  checkNumber('contextLength', length, inContext(config.contextLength));
  const isSingle = loss === 'kto';
  const batch = batchSize * (isSingle ? 1 : 2);
  const shape: TrainingShape = { batch, length, recompute, lora, optimizer, quantize };
  checkMemory(config, shape, options);
  const startOfText = startTokenOf(config) ?? endOfText;
  const rules = { tokenizer, vocabSize: config.vocabSize, length, startOfText, endOfText };
  const pairRows = ({ prompt, chosen, rejected }: PreferencePair, cut: CutCounts) =>
    answerRows(prompt, { chosen, rejected }, rules, cut);
  const encode = isSingle ? asJudged(rules) : asPairs(pairRows);
  const { training: data, validation, notes: cuts } = await encodePreferences(options, encode, length);
  const { training } = readersOf({ data, validation: 0, seed: options.seed });
  const held = () => (validation.length === 0 ? undefined : allExamples(validation));
  const all = [...data, ...validation];
  const rowsOf = ({ answers }: Preference) => (isSingle ? [answers[0]] : [...answers]);
  const run = await startRun({
    ...{ options, config, shape, ...states },
    identity: {
      ...{ ...exampleIdentity(options), loss, beta, gamma, desirableWeight, undesirableWeight },
      ...{ data: fingerprintPreferences(all), length, config, quantize },
    },
    load: (core) => model.load(core),
    batches: batchesFrom(training, held, preferenceRows(batchSize, rowsOf, endOfText)),
  });
  try {
    const objective = await objectiveOf(options, run, all, endOfText);
    const textOrIds = found instanceof Gpt2Error ? idsOnly(found, config.vocabSize) : found;
    return { ...run, objective, config, tokenizer, textOrIds, notes: [...notes, ...cuts], configFiles };
  } catch (error) {
    run.core.dispose();
    throw error;
  }
}

/** The loss of a run; log-probabilities under the model that it started from are computed once, and kept in its state. */
async function objectiveOf(
  options: ResolvedPreferenceOptions,
  { core, state }: LoopRun,
  preferences: readonly Preference[],
  padTokenId: number,
): Promise<PreferenceObjective> {
  const { loss, beta, gamma, desirableWeight, undesirableWeight } = options;
  const tokenLoss = 'cross-entropy';
  if (loss === 'simpo') {
    const weight = ({ ids, from }: Preference['answers'][number]) => beta / (ids.length - from);
    return new PairObjective({ tokenLoss, weight, gamma });
  }
  if (state.step > 0) checkReference(state.reference, preferences);
  else state.reference = await referenceLogProbabilities(core, preferences, padTokenId, options);
  const reference = state.reference!;
  if (loss === 'dpo') return new PairObjective({ tokenLoss, weight: () => beta, reference, gamma });
  return new KtoObjective({ beta, desirableWeight, undesirableWeight, reference, padTokenId });
}
