import type { MapperConfig } from '../../architecture/clipcap/config.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { checkNumber } from '../../base/check_number.js';
import { Gpt2Error } from '../../base/errors.js';
import type { ConfigFiles } from '../../checkpoints/checkpoint.js';
import { mapperConfig } from '../../checkpoints/clipcap/mapper_config.js';
import { MAPPER_FILES, openMapperFile } from '../../checkpoints/clipcap/mapper_file.js';
import { mapperShape } from '../../checkpoints/clipcap/mapper_shape.js';
import { mapperTensors } from '../../checkpoints/clipcap/mapper_tensors.js';
import { loadWeights } from '../../checkpoints/load_weights.js';
import { byteLengthOf } from '../../checkpoints/match.js';
import { withModel } from '../../checkpoints/registry.js';
import { inContext, type TrainingShape } from '../../core/training/shape.js';
import type { TrainCore } from '../../core/training/train_core.js';
import { withSource } from '../../files/open_source.js';
import { checkWidth } from '../../model/prefixes/options.js';
import { idsOnly } from '../../tokenizer/ids_only.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { batchesFrom } from '../data/example_batches.js';
import { exampleIdentity } from '../data/example_options.js';
import { readersOf } from '../data/examples.js';
import { endWithout } from '../end_token.js';
import type { LoopRun } from '../loop_run.js';
import { checkMemory } from '../memory_check.js';
import { startRun } from '../start_run.js';
import { openStartingModel, type StartingModel } from '../starting_model.js';
import { openStates, type RunStates } from '../state/resume.js';
import { initializeMapper } from './initialize_mapper.js';
import { newMapperConfig } from './new_mapper.js';
import {
  type PrefixTrainerOptions,
  type ResolvedPrefixOptions,
  resolvePrefixOptions,
} from './prefix_options.js';
import { prefixRows } from './prefix_rows.js';

/** A run of a mapper. */
export interface PrefixRun extends LoopRun {
  readonly options: ResolvedPrefixOptions;
  readonly config: ModelConfig;
  readonly mapper: MapperConfig;
  readonly tokenizer: Tokenizer | undefined;
  /** The tokenizer, or `IdsOnly` if there is none. */
  readonly textOrIds: Tokenizer;
  /** Differences between the model's config and the tokenizer, a sentence each. */
  readonly notes: readonly string[];
  /** JSON files of the model that the run starts from. */
  readonly configFiles: ConfigFiles;
}

/** The mapper that a run starts from. */
interface StartingMapper {
  readonly config: MapperConfig;
  load(core: TrainCore): Promise<void>;
}

/** Positions for a text, by default. */
const DEFAULT_LENGTH = 64;

/**
 * Opens model, mapper and data, plans memory, and creates the core with the weights of the first step or of the newest
 * training state. Throws as `PrefixTrainer.create` does.
 */
export async function openPrefixRun(given: PrefixTrainerOptions): Promise<PrefixRun> {
  const options = resolvePrefixOptions(given);
  const states = await openStates(options);
  return withModel(options.model, options, async (files) => {
    const start = await openStartingModel(files, options);
    return withMapper(options, start.config, (mapper) => prepare(options, start, mapper, states));
  });
}

/** Calls `use` with the mapper of a new run, open as long as `use` takes. */
async function withMapper<Result>(
  options: ResolvedPrefixOptions,
  config: ModelConfig,
  use: (mapper: StartingMapper) => Promise<Result>,
): Promise<Result> {
  const { mapper, seed, signal } = options;
  if (!('source' in mapper)) {
    return use({
      config: newMapperConfig(mapper, config.channels),
      load: async (core) => initializeMapper(core, seed),
    });
  }
  return withSource(mapper.source, { ...options, wanted: MAPPER_FILES }, async (source) => {
    const file = await openMapperFile(source, signal);
    const shape = mapperShape(file);
    const own = shape.kind === 'mlp' ? file.channels : shape.channels;
    if (own !== undefined) checkWidth(source.name, own, { model: { config } });
    const opened = mapperConfig(file, shape, config.channels, mapper.heads);
    return use({
      config: opened,
      async load(core) {
        await source.download?.([file.path], { signal });
        const tensors = mapperTensors(file, opened);
        const stored = { source: file.source, tensors, totalBytes: byteLengthOf(tensors) };
        await loadWeights(stored, core.loader('weights'), { signal });
      },
    });
  });
}

async function prepare(
  options: ResolvedPrefixOptions,
  model: StartingModel,
  mapper: StartingMapper,
  states: RunStates,
): Promise<PrefixRun> {
  const { batchSize, contextLength, recompute, lora, optimizer, trainModel } = options;
  const { tokenizer: found, configFiles } = model;
  // Texts may be token ids, which need no tokenizer.
  const tokenizer = found instanceof Gpt2Error ? undefined : found;
  const { vectors, features } = mapper.config;
  const { config, notes, endOfText } = endWithout(model.config, tokenizer, !trainModel);
  const length = contextLength ?? Math.min(vectors + DEFAULT_LENGTH, config.contextLength);
  checkNumber('contextLength', length, inContext(config.contextLength));
  const shape: TrainingShape = {
    ...{ batch: batchSize, length, recompute, lora, optimizer, prefix: mapper.config },
    ...(lora === undefined && !trainModel && { frozen: ['decoder'] }),
  };
  checkMemory(config, shape, options);
  const { training, held } = readersOf(options);
  const rows = prefixRows({
    ...{ rows: batchSize, length, vectors, featureCount: features, endTokenId: endOfText },
    ...{ vocabSize: config.vocabSize, tokenizer },
  });
  const run = await startRun({
    ...{ options, config, shape, ...states },
    identity: {
      ...{ ...exampleIdentity(options), trainModel },
      ...{ data: training.length, length, config, mapper: mapper.config },
    },
    load: (core) => model.load(core),
    begin: (core) => mapper.load(core),
    batches: batchesFrom(training, held, rows),
  });
  const textOrIds = found instanceof Gpt2Error ? idsOnly(found, config.vocabSize) : found;
  return { ...run, config, mapper: mapper.config, tokenizer, textOrIds, notes, configFiles };
}
