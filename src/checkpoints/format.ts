import type { ModelSource, SourceFile } from '../files/source.js';
import type { FoundFile } from '../files/wanted_files.js';
import type { ReadTokenizer } from '../tokenizer/read_tokenizer.js';
import type { Checkpoint } from './checkpoint.js';
import type { StoredTensor } from './stored_tensor.js';

/** A format of published models: the files that it has, and what opens them. */
export interface CheckpointFormat {
  /** Describes a model in this format in messages: "a .gguf file". */
  readonly what: string;
  /** Names of files that hold or list the weights; of several in a source, the first is read. */
  readonly weights: readonly string[];
  /** Names of other files that are read. */
  readonly beside: readonly string[];
  /** Extensions (in lower case) of files each of which is a whole model. */
  readonly extensions: readonly string[];
  /**
   * Names of further files that a model has, one of whose files, of this name, is given alone; none for
   * other names.
   */
  besideFile?(name: string): readonly string[];
  /** Whether a file that begins with these `FIRST_BYTES` is a whole model, whatever its name. */
  begins?(bytes: Uint8Array): boolean;
  /** Paths of the files that one of `weights` lists; none if it lists none or is damaged. */
  parts?(path: string, file: FoundFile): Promise<readonly string[]>;
  /** Reads config and headers, and finds every weight. Throws as `openCheckpoint` does. */
  open(model: FoundModel, signal?: AbortSignal): Promise<Checkpoint>;
  /**
   * Reads the list of all stored tensors, if the format stores models of any architecture, described by a
   * config.json, under transformers' names. Throws as `openCheckpoint` does.
   */
  tensors?(model: FoundModel, signal?: AbortSignal): Promise<StoredTensors>;
  /** Reads the tokenizer in the model's own file, if the format has it there. */
  tokenizer?(model: FoundModel, signal?: AbortSignal): Promise<ReadTokenizer>;
}

/** A model that was found in a source and is not open yet. */
export interface FoundModel {
  readonly source: ModelSource;
  /** All files of the source. */
  readonly listed: readonly SourceFile[];
  /** The file that holds or lists the weights. */
  readonly file: SourceFile;
}

/** Stored tensors, and the source from which they are read. */
export interface StoredTensors {
  readonly source: ModelSource;
  readonly tensors: readonly StoredTensor[];
}

/** The kinds of things that a source is searched for. */
export type WantedKind = 'model' | 'tokenizer' | 'adapter';
