import type { LoadProgress } from '../checkpoints/load_weights.js';
import type { Build } from '../core/binary.js';
import type { KvFormat } from '../dtypes/kv_formats.js';
import type { WeightFormat } from '../dtypes/weight_formats.js';
import type { DownloadProgress } from '../files/source.js';
import { SOURCE_OPTION_NAMES, type SourceOptions } from '../files/source_options.js';
import type { TextTokenizer } from '../tokenizer/own_tokenizer.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { AdapterChoice } from './adapters/adapter_choice.js';

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
   * Adapters of `withAdapters` that come when pages have filled it go beyond it. Default: what the runtime
   * gives, at most 4 GiB, with at most 64 MiB of pages of earlier texts.
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

const OWN_NAMES = [
  'build',
  'weights',
  'contextLength',
  'kvCache',
  'maxMemory',
  'threads',
  'module',
  'adapters',
  'signal',
  'onDownload',
  'onProgress',
] as const satisfies (keyof LoadModelOptions)[];

/** Options that are not in the list below, which has none. */
type Missing = Exclude<
  keyof LoadModelOptions,
  (typeof OWN_NAMES)[number] | keyof SourceOptions | 'tokenizer'
>;

/** Names of the options of every call that loads a model: all but `tokenizer`, which cannot be sent to a worker. */
export const LOAD_OPTION_NAMES: Missing extends never ? readonly string[] : never = [
  ...OWN_NAMES,
  ...SOURCE_OPTION_NAMES,
];
