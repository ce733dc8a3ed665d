import type { ModelConfig } from '../architecture/gpt2/config.js';
import type { MemoryEstimate } from '../core/layout.js';
import type { KvFormat } from '../dtypes/kv_formats.js';
import type { WeightFormat } from '../dtypes/weight_formats.js';
import type { SourceOptions } from '../files/source_options.js';

/** Facts about a checkpoint, known before any weight is read. */
export interface ModelInfo {
  /** The format of its files for people: "safetensors", "GGUF", "PyTorch", ... */
  readonly format: string;
  /** The model's configuration. */
  readonly config: ModelConfig;
  /** The format that the matrices will be in. */
  readonly weights: WeightFormat;
  /** Bytes that the loaded model will take. */
  readonly memory: MemoryEstimate;
  /** Bytes of weights in the files. */
  readonly storedBytes: number;
  /** Heads for other tasks, which `classify`, `tag`, `answer`, `multipleChoice` and `reward` use. */
  readonly heads: readonly HeadInfo[];
  /**
   * Statements of the files that are not followed, or may surprise: config fields that are ignored, tokens
   * that two files name differently, a head that is stored although it is tied. One sentence each.
   */
  readonly notes: readonly string[];
}

/** A head for another task than text, stored beside a model. */
export interface HeadInfo {
  /** The task for people: "sequence classification", "question answering", ... */
  readonly task: string;
  /** The names of its classes; none for a head without classes. */
  readonly labels: readonly string[];
}

/** How a model is inspected. */
export interface InspectOptions extends SourceOptions {
  /** As in `loadModel`. */
  readonly weights?: WeightFormat | undefined;
  /** As in `loadModel`. */
  readonly kvCache?: 'auto' | KvFormat | undefined;
  /** As in `loadModel`. */
  readonly contextLength?: number | undefined;
  /** Ends reading with `aborted`. */
  readonly signal?: AbortSignal;
}
