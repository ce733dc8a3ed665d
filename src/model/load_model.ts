import { checkOptionNames } from '../base/check_options.js';
import { throwIfAborted } from '../base/errors.js';
import { startedEarly } from '../base/started_early.js';
import type { Checkpoint } from '../checkpoints/checkpoint.js';
import { type LoadProgress, loadWeights } from '../checkpoints/load_weights.js';
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
import { checkKvFormat, type KvFormat } from '../dtypes/kv_formats.js';
import { checkWeights, type WeightFormat } from '../dtypes/weight_formats.js';
import { withSource } from '../files/open_source.js';
import type { DownloadProgress } from '../files/source.js';
import { SOURCE_OPTION_NAMES, type Source, type SourceOptions } from '../files/source_options.js';
import type { TextTokenizer } from '../tokenizer/own_tokenizer.js';
import { createTokenizer } from '../tokenizer/read_tokenizer.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { AdapterChoice } from './adapters/adapter_choice.js';
import { call } from './base_model.js';
import { defaultWeights } from './default_weights.js';
import { Model } from './model.js';

/** How a model is loaded. */
export interface LoadModelOptions extends SourceOptions {
  /**
   * `simd` gives the same bits on every machine; `relaxed` is faster, and its last bits may differ between
   * processors. `auto`, the default, takes `relaxed` if the runtime has it.
   */
  readonly build?: 'auto' | Build;
  /**
   * How matrices are kept in memory, whatever the checkpoint stores: `f32`, or 8 or 4 bits a weight with a
   * scale for every 32, quantized while they stream in: `q8` takes about a quarter of the memory and is
   * faster, `q4` takes a seventh, is faster still, and costs some quality. Default `f32`, but `q4` for the
   * embedded model, which was trained in 4 bits (if no `adapters` are added).
   */
  readonly weights?: WeightFormat | undefined;
  /**
   * Most positions that a sequence can have: 1 to the model's own, which is the default. Keys and values of a
   * sequence take memory in proportion to its length.
   */
  readonly contextLength?: number | undefined;
  /**
   * How keys and values are kept: `f32`, `f16` in half the memory, or `q8`, 8 bits with a scale for each
   * position and head, in a quarter, which is also faster with long texts. Default `auto`: `f32` for weights
   * in f32, else `q8`.
   */
  readonly kvCache?: 'auto' | KvFormat | undefined;
  /**
   * Most bytes of WebAssembly memory: weights, activations, and keys and values, which fill the rest. If they
   * do, pages of earlier texts are dropped, then those of sessions that rest, and calls wait for each other.
   * Default: what the runtime gives, at most 4 GiB, with at most 64 MiB of pages of earlier texts.
   */
  readonly maxMemory?: number | undefined;
  /**
   * How many threads compute, each a worker, on a shared memory; the caller's own thread then stays free.
   * `auto`, the default, takes what suits the processors and the size of the model. Without workers or
   * shared memory one thread computes: `model.runtime` says how many do, and why. The count changes no
   * result.
   */
  readonly threads?: 'auto' | number;
  /**
   * The core, compiled from `gpt2-wasm/wasm/simd.wasm` or `relaxed.wasm`: for runtimes that compile no bytes
   * (edge workers), and for bundlers that do not find the file. It decides the build, and computes on one
   * thread.
   */
  readonly module?: WebAssembly.Module;
  /**
   * Used in place of the source's own tokenizer, for checkpoints that come without one or with one that is
   * not read: what `loadTokenizer` gives, or one of your own with `encode` and `decode`.
   */
  readonly tokenizer?: Tokenizer | TextTokenizer;
  /**
   * Adapters in PEFT's format (LoRA, DoRA, AdaLoRA, IA3, LoHa, LoKr, saved modules) that are merged into the
   * weights while these stream in, each in full or, if that is defined, times its weight. The result is what
   * computes; another choice of adapters is another model.
   */
  readonly adapters?: readonly AdapterChoice[];
  /** Ends the loading with `aborted`. */
  readonly signal?: AbortSignal;
  /**
   * Called while files are downloaded to be kept, before `onProgress`; not for files that are read as they
   * arrive.
   */
  readonly onDownload?: (progress: DownloadProgress) => void;
  /** Called after each piece of weights, at last with `loaded` equal to `total`; bytes. */
  readonly onProgress?: (progress: LoadProgress) => void;
}

const OPTION_NAMES = [
  'build',
  'weights',
  'contextLength',
  'kvCache',
  'maxMemory',
  'threads',
  'module',
  'tokenizer',
  'adapters',
  'signal',
  'onDownload',
  'onProgress',
  ...SOURCE_OPTION_NAMES,
];

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
  checkOptionNames('loadModel', options, OPTION_NAMES);
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
