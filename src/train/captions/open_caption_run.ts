import { stateCount } from '../../architecture/vit/config.js';
import { checkNumber } from '../../base/check_number.js';
import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { ConfigFiles } from '../../checkpoints/checkpoint.js';
import { loadWeights } from '../../checkpoints/load_weights.js';
import { settleHead, weightFiles } from '../../checkpoints/open_checkpoint.js';
import { adaptedCaptioner } from '../../checkpoints/vision/adapted_captioner.js';
import type { CaptionerConfig } from '../../checkpoints/vision/config.js';
import { openCaptioner } from '../../checkpoints/vision/open.js';
import { captionerFiles } from '../../checkpoints/vision/wanted.js';
import { inContext, type TrainingShape } from '../../core/training/shape.js';
import type { TrainCore } from '../../core/training/train_core.js';
import type { JsonObject } from '../../files/json_object.js';
import { withSource } from '../../files/open_source.js';
import type { ModelSource } from '../../files/source.js';
import { mergerOf } from '../../model/adapters/merger_of.js';
import { tokenizerOrReason } from '../../model/tokenizer_or_reason.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { imageReader } from '../../vision/image_reader.js';
import { batchesFrom } from '../data/example_batches.js';
import { exampleIdentity } from '../data/example_options.js';
import { readersOf } from '../data/examples.js';
import { endWithout } from '../end_token.js';
import type { LoopRun } from '../loop_run.js';
import { checkMemory } from '../memory_check.js';
import { startRun } from '../start_run.js';
import { openStates, type RunStates } from '../state/resume.js';
import {
  type CaptionTrainerOptions,
  newCaptionerConfig,
  type ResolvedCaptionOptions,
  resolveCaptionOptions,
} from './caption_options.js';
import { captionRows } from './caption_rows.js';

/** A run of a captioner. */
export interface CaptionRun extends LoopRun {
  readonly options: ResolvedCaptionOptions;
  readonly config: CaptionerConfig;
  readonly tokenizer: Tokenizer | undefined;
  /** Differences between the decoder's config and the tokenizer, a sentence each. */
  readonly notes: readonly string[];
  /** JSON files of the model that the run starts from. */
  readonly configFiles: ConfigFiles | undefined;
  /** Fields of preprocessor_config.json, if they are known. */
  readonly preprocessor: JsonObject | undefined;
}

/** The captioner that a run starts from. */
interface StartingCaptioner {
  readonly config: Omit<CaptionerConfig, 'startTokenId'>;
  readonly startTokenId?: number;
  readonly tokenizer: Tokenizer | undefined;
  readonly preprocessor?: JsonObject | undefined;
  readonly configFiles?: ConfigFiles;
  /** Loads its weights into the core. Without it, the model is trained from scratch. */
  readonly load?: (core: TrainCore) => Promise<void>;
}

const DEFAULT_LENGTH = 64;

/**
 * Opens the captioner and the data, plans memory, and creates the core with the weights of the first step or of
 * the newest training state. Throws as `CaptionTrainer.create` does.
 */
export async function openCaptionRun(given: CaptionTrainerOptions): Promise<CaptionRun> {
  const options = resolveCaptionOptions(given);
  const { model, config, tokenizer } = options;
  const states = await openStates(options);
  if (model === undefined) {
    return prepare(options, { config: newCaptionerConfig(config!), tokenizer }, states);
  }
  return withSource(model, { ...options, wanted: captionerFiles() }, async (files) =>
    prepare(options, await openStart(files, options), states),
  );
}

/** Opens the captioner to train, whose weights are loaded later. */
async function openStart(files: ModelSource, options: ResolvedCaptionOptions): Promise<StartingCaptioner> {
  const { signal, tokenizer } = options;
  const opened = await openCaptioner(files, signal);
  const { encoder, startTokenId, preprocessor } = opened;
  const decoder = await settleHead(opened.decoder, { signal });
  const found = tokenizer ?? (await tokenizerOrReason(decoder, signal));
  const stored = {
    source: decoder.source,
    tensors: new Map([...encoder.tensors, ...decoder.tensors]),
    totalBytes: encoder.totalBytes + decoder.totalBytes,
  };
  const config = { encoder: encoder.config, decoder: decoder.config };
  return {
    config,
    startTokenId,
    // Captions may be token ids, which need no tokenizer.
    tokenizer: found instanceof Gpt2Error ? undefined : found,
    preprocessor,
    ...(decoder.json && { configFiles: decoder.json }),
    async load(core) {
      await files.download?.(weightFiles(stored), { signal });
      const merge = await mergerOf(options, adaptedCaptioner(config));
      await loadWeights(stored, merge(core.loader('weights')), { signal });
    },
  };
}

async function prepare(
  options: ResolvedCaptionOptions,
  start: StartingCaptioner,
  states: RunStates,
): Promise<CaptionRun> {
  const { batchSize, contextLength, recompute, lora, optimizer, frozen } = options;
  const { encoder } = start.config;
  const { config, notes } = settle(options, start);
  const { decoder } = config;
  const length = contextLength ?? Math.min(DEFAULT_LENGTH, decoder.contextLength);
  checkNumber('contextLength', length, inContext(decoder.contextLength));
  const shape: TrainingShape = { batch: batchSize, length, recompute, lora, optimizer, encoder, frozen };
  checkMemory(decoder, shape, options);
  const preprocessor = options.preprocessor ?? start.preprocessor;
  const { training, held } = readersOf(options);
  const reader = imageReader(preprocessor, encoder, 'the model');
  const rows = captionRows({
    ...{ rows: batchSize, length, startTokenId: config.startTokenId, endTokenId: decoder.eosTokenIds[0]! },
    ...{ vocabSize: decoder.vocabSize, tokenizer: start.tokenizer },
    pixelCount: encoder.imageChannels * encoder.imageSize[0] * encoder.imageSize[1],
    stateCount: frozen?.includes('encoder') ? stateCount(encoder) * encoder.channels : undefined,
    pixels: (image) => reader.pixels(image, options.signal),
  });
  const run = await startRun({
    ...{ options, config: decoder, shape, ...states, load: start.load },
    identity: { ...exampleIdentity(options), frozen, data: training.length, length, config },
    batches: batchesFrom(training, held, rows),
  });
  return {
    ...{ ...run, config, notes, preprocessor },
    ...{ tokenizer: start.tokenizer, configFiles: start.configFiles },
  };
}

/** The configuration with the tokens that begin and end captions. Throws `invalid-option` if one is not known. */
function settle(
  options: ResolvedCaptionOptions,
  { config: { encoder, decoder }, tokenizer, startTokenId }: StartingCaptioner,
): { readonly config: CaptionerConfig; readonly notes: readonly string[] } {
  const isFixed = options.lora !== undefined;
  const { config: settled, endOfText: first, notes } = endWithout(decoder, tokenizer, isFixed);
  const starts = options.startTokenId ?? startTokenId ?? settled.bosTokenId ?? settled.eosTokenIds[0]!;
  if (starts >= settled.vocabSize) {
    throw invalidOption('startTokenId', starts, `a token id from 0 to ${settled.vocabSize - 1}`);
  }
  const decoderConfig = {
    ...settled,
    eosTokenIds: [first, ...settled.eosTokenIds.filter((id) => id !== first)],
  };
  return { config: { encoder, decoder: decoderConfig, startTokenId: starts }, notes };
}
