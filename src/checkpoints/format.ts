import type { ModelSource, SourceFile } from '../files/source.js';
import type { FoundFile } from '../files/wanted_files.js';
import type { TokenizerParts } from '../tokenizer/tokenizer_parts.js';
import type { Checkpoint } from './checkpoint.js';

/** A format of published models: which files it has, and how they are opened. */
export interface CheckpointFormat {
  /** What a model in this format is, as a message says it: "a .gguf file". */
  readonly what: string;
  /** Files that hold or list the weights, by name; the first that a source has counts. */
  readonly weights: readonly string[];
  /** Other files that the format reads. */
  readonly beside: readonly string[];
  /** Extensions of files that are a whole model each, in lower case. */
  readonly extensions: readonly string[];
  /** Whether a file that begins with these `FIRST_BYTES` is a whole model, whatever its name. */
  begins?(bytes: Uint8Array): boolean;
  /** Paths of the files that a file of `weights` lists; none if it lists none or cannot be read. */
  parts?(path: string, file: FoundFile): Promise<readonly string[]>;
  /** Reads config and headers, and finds every weight. Throws as `openCheckpoint` does. */
  open(model: FoundModel, signal?: AbortSignal): Promise<Checkpoint>;
  /** Reads the tokenizer in the model's own file; left out if tokenizers lie in files beside it. */
  tokenizer?(model: FoundModel, signal?: AbortSignal): Promise<TokenizerParts>;
}

/** A model that was found in a source, and not opened yet. */
export interface FoundModel {
  readonly source: ModelSource;
  /** All files of the source. */
  readonly listed: readonly SourceFile[];
  /** The file that holds or lists the weights. */
  readonly file: SourceFile;
}

/** What is looked for in a source. */
export type WantedKind = 'model' | 'tokenizer' | 'adapter';
