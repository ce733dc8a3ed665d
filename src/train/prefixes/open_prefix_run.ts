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
import { openCheckpoint, settleHead, weightFiles } from '../../checkpoints/open_checkpoint.js';
import { withModel } from '../../checkpoints/registry.js';
import { inContext, type TrainingShape } from '../../core/training/shape.js';
import type { TrainCore } from '../../core/training/train_core.js';
import { withSource } from '../../files/open_source.js';
import { openTrainingStateStore } from '../../files/platform.js';
import type { ModelSource } from '../../files/source.js';
import type { TrainingStateStore } from '../../files/training_state_store.js';
import { mergedOf } from '../../model/load_model.js';
import { checkWidth } from '../../model/prefixes/options.js';
import { tokenizerOrReason } from '../../model/tokenizer_or_reason.js';
import { idsOnly } from '../../tokenizer/ids_only.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { ExampleBatches } from '../data/example_batches.js';
import { readersOf } from '../data/examples.js';
import { endWithout } from '../end_token.js';
import type { LoopRun } from '../loop_run.js';
import { checkMemory } from '../memory_check.js';
import { startRun } from '../start_run.js';
import { newestState } from '../state/resume.js';
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

/** Weights that the core gets at the start of a run. */
interface Loadable<Config> {
  readonly config: Config;
  load(core: TrainCore): Promise<void>;
}

/** The GPT-2 that a run starts from. */
interface StartingModel extends Loadable<ModelConfig> {
  readonly tokenizer: Tokenizer | undefined;
  readonly textOrIds: Tokenizer;
  readonly configFiles: ConfigFiles;
}

/** Positions for a text, by default. */
const DEFAULT_LENGTH = 64;

/**
 * Opens model, mapper and data, plans memory, and creates the core with the weights of the first step or of the newest
 * training state. Throws as `PrefixTrainer.create` does.
 */
export async function openPrefixRun(given: PrefixTrainerOptions): Promise<PrefixRun> {
  const options = resolvePrefixOptions(given);
  const { model, checkpoints } = options;
  const store = typeof checkpoints === 'string' ? openTrainingStateStore(checkpoints) : checkpoints;
  const newest = await newestState(store, options.resume);
  return withModel(model, options, async (files) => {
    const start = await openModel(files, options);
    return withMapper(options, start.config, (mapper) => prepare(options, start, mapper, store, newest));
  });
}

/** Opens the GPT-2, whose weights are loaded later. */
async function openModel(files: ModelSource, options: ResolvedPrefixOptions): Promise<StartingModel> {
  const { signal, tokenizer } = options;
  const settled = await settleHead(await openCheckpoint(files, signal), { signal });
  const { checkpoint: opened, merge } = await mergedOf(settled, options);
  const found = tokenizer ?? (await tokenizerOrReason(opened, signal));
  return {
    config: opened.config,
    // Texts may be token ids, which need no tokenizer.
    ...(found instanceof Gpt2Error
      ? { tokenizer: undefined, textOrIds: idsOnly(found, opened.config.vocabSize) }
      : { tokenizer: found, textOrIds: found }),
    configFiles: opened.json,
    async load(core) {
      await files.download?.(weightFiles(opened), { signal });
      await loadWeights(opened, merge(core.loader('weights')), { signal });
    },
  };
}

/** Calls `use` with the mapper of a new run, open as long as `use` takes. */
async function withMapper<Result>(
  options: ResolvedPrefixOptions,
  config: ModelConfig,
  use: (mapper: Loadable<MapperConfig>) => Promise<Result>,
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
  mapper: Loadable<MapperConfig>,
  store: TrainingStateStore | undefined,
  newest: ModelSource | undefined,
): Promise<PrefixRun> {
  const { batchSize, contextLength, recompute, lora, trainModel } = options;
  const { tokenizer, textOrIds, configFiles } = model;
  const { vectors, features } = mapper.config;
  const { config, notes, endOfText } = endWithout(model.config, tokenizer, !trainModel);
  const length = contextLength ?? Math.min(vectors + DEFAULT_LENGTH, config.contextLength);
  checkNumber('contextLength', length, inContext(config.contextLength));
  const shape: TrainingShape = {
    ...{ batch: batchSize, length, recompute, lora, prefix: mapper.config },
    ...(lora === undefined && !trainModel && { frozen: ['decoder'] }),
  };
  checkMemory(config, shape, options);
  const { training, held } = readersOf(options);
  const rows = prefixRows({
    ...{ rows: batchSize, length, vectors, featureCount: features, endTokenId: endOfText },
    ...{ vocabSize: config.vocabSize, tokenizer },
  });
  const { accumulation, validation, seed, dropout } = options;
  const share = typeof validation === 'number' ? validation : undefined;
  const run = await startRun({
    ...{ options, config, shape, store, newest },
    identity: {
      ...{ batchSize, accumulation, validation: share, seed, dropout, lora, trainModel },
      ...{ data: training.length, length, config, mapper: mapper.config },
    },
    load: (core) => model.load(core),
    begin: (core) => mapper.load(core),
    batches: (position) => ({
      source: new ExampleBatches(training, held, rows, position),
      rowsPerEpoch: training.length ?? 0,
    }),
  });
  return { ...run, config, mapper: mapper.config, tokenizer, textOrIds, notes, configFiles };
}
