import { checkOptionNames } from '../base/check_options.js';
import { throwIfAborted } from '../base/errors.js';
import { startedEarly } from '../base/started_early.js';
import type { Checkpoint } from '../checkpoints/checkpoint.js';
import { loadWeights } from '../checkpoints/load_weights.js';
import {
  openCheckpoint,
  openTokenizer,
  settleHead,
  tokenizerOf,
  weightFiles,
} from '../checkpoints/open_checkpoint.js';
import { wantedFiles, withModel } from '../checkpoints/registry.js';
import type { WeightLoader } from '../checkpoints/weight_loader.js';
import { type Build, checkBuild, chooseBuild } from '../core/binary.js';
import { estimateMemory } from '../core/layout.js';
import { checkMaxMemory } from '../core/memory.js';
import { checkThreads, planThreads, type ThreadPlan } from '../core/threads/plan.js';
import { WasmCore } from '../core/wasm_core.js';
import { checkKvFormat } from '../dtypes/kv_formats.js';
import { checkWeights } from '../dtypes/weight_formats.js';
import { withSource } from '../files/open_source.js';
import { SOURCE_OPTION_NAMES, type Source, type SourceOptions } from '../files/source_options.js';
import { createTokenizer } from '../tokenizer/read_tokenizer.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { call } from './base_model.js';
import { defaultWeights } from './default_weights.js';
import { LOAD_OPTION_NAMES, type LoadModelOptions } from './load_options.js';
import { Model } from './model.js';

/**
 * Loads a Hugging Face checkpoint or a GGUF file of GPT-2's architecture, from wherever `Source` says.
 *
 * Weights stream into their packed place, so loading needs little more memory than the model itself. Throws
 * `not-found`, `invalid-file`, `unsupported`, `out-of-memory`, `network`, `runtime`, `invalid-option` and
 * `aborted`; nothing stays behind then.
 */
export async function loadModel(source: Source, options: LoadModelOptions = {}): Promise<Model> {
  const { build = 'auto', module, signal, onDownload, onProgress } = checkOptions(options);
  const given = await builtIn(module, build);
  return withModel(source, options, async (files) => {
    const opened = await shortened(await openCheckpoint(files, signal), options.contextLength);
    const settled = await settleHead(opened, { signal, onDownload });
    const { checkpoint, merge } = await mergedOf(settled, options);
    const { config } = checkpoint;
    const tokenizer = await tokenizerFor(options, checkpoint);
    const weights = options.weights ?? defaultWeights(checkpoint, options.adapters);
    const chosen = given ?? chooseBuild(build, weights);
    const threads = threadsFor(options, estimateMemory(config, weights).weights);
    const { kvCache, maxMemory } = options;
    const core = await WasmCore.create({
      config,
      build: chosen,
      weights,
      kvCache,
      threads,
      maxMemory,
      module,
    });
    try {
      await files.download?.(weightFiles(checkpoint), { signal, onDownload });
      const started = startedEarly(core.startThreads());
      await loadWeights(checkpoint, merge(core.loader), { signal, onProgress });
      await started;
      // Few models have a head for another task.
      if (checkpoint.taskHeads?.length) await call('readHeads', core, checkpoint, signal);
      throwIfAborted(signal, 'loading the model');
    } catch (error) {
      core.dispose();
      throw error;
    }
    return new Model(core, tokenizer);
  });
}

/**
 * A checkpoint as its adapters need it, and the function that adds them to a loader. Its code is loaded on demand,
 * since few models have adapters.
 */
export async function mergedOf(
  checkpoint: Checkpoint,
  options: Pick<LoadModelOptions, 'adapters' | 'cache' | 'token' | 'signal'>,
) {
  if (options.adapters === undefined) return { checkpoint, merge: (loader: WeightLoader) => loader };
  return (await import('./adapters/merge_adapters.js')).mergeInto(checkpoint, options);
}

export function threadsFor({ threads = 'auto', module }: LoadModelOptions, weightBytes: number): ThreadPlan {
  if (module !== undefined) return { count: 1, reason: 'the module that was given is for one thread' };
  return planThreads(threads, weightBytes);
}

/** Reads the tokenizer of a model, from the same sources as `loadModel`. Throws as that does. */
export async function loadTokenizer(
  source: Source,
  options: SourceOptions & { signal?: AbortSignal } = {},
): Promise<Tokenizer> {
  checkOptionNames('loadTokenizer', options, [...SOURCE_OPTION_NAMES, 'signal']);
  const { signal } = options;
  return withSource(source, { ...options, wanted: wantedFiles('tokenizer') }, async (files) =>
    createTokenizer(await openTokenizer(files, signal)),
  );
}

function checkOptions(options: LoadModelOptions): LoadModelOptions {
  checkOptionNames('loadModel', options, [...LOAD_OPTION_NAMES, 'tokenizer']);
  checkSettings(options);
  return options;
}

/** Checks how a model is to run. Throws `invalid-option`. */
export function checkSettings(options: LoadModelOptions): void {
  checkBuild(options.build);
  checkWeights(options.weights);
  checkKvFormat(options.kvCache);
  checkMaxMemory(options.maxMemory);
  checkThreads(options.threads);
}

/** The build of a module from the caller. Its code is loaded on demand, since few callers pass one. */
async function builtIn(
  module: WebAssembly.Module | undefined,
  wish: 'auto' | Build,
): Promise<Build | undefined> {
  if (module === undefined) return undefined;
  const { suitableBuildOf } = await import('../core/build_of.js');
  return suitableBuildOf(module, wish);
}

/** The tokenizer from the caller, or that of the checkpoint. Few callers give one, and few models have none. */
export async function tokenizerFor(
  { tokenizer, signal }: Pick<LoadModelOptions, 'tokenizer' | 'signal'>,
  checkpoint: Checkpoint,
): Promise<Tokenizer> {
  const found =
    tokenizer === undefined
      ? await tokenizerOf(checkpoint, signal).then(createTokenizer, (error) => error)
      : null;
  if (found?.encode) return found;
  const { rareTokenizer } = await import('../tokenizer/rare_tokenizer.js');
  return rareTokenizer(tokenizer, found, checkpoint.config.vocabSize);
}

async function shortened(checkpoint: Checkpoint, contextLength: number | undefined): Promise<Checkpoint> {
  if (contextLength === undefined) return checkpoint;
  const { shortenContext } = await import('./shorten_context.js');
  return shortenContext(checkpoint, contextLength);
}
