import type { ModelConfig } from '../architecture/gpt2/config.js';
import type { Parameter } from '../architecture/gpt2/parameters.js';
import type { TensorType } from '../dtypes/tensor_types.js';
import type { WeightFormat } from '../dtypes/weight_formats.js';
import type { JsonObject } from '../files/json_object.js';
import type { ModelSource } from '../files/source.js';
import type { ReadTokenizer } from '../tokenizer/read_tokenizer.js';
import type { StoredTensor } from './stored_tensor.js';

/** A stored weight: bytes `start` (inclusive) to `end` (exclusive) of `file`. */
export interface WeightTensor {
  /** The name that the file has for it. */
  readonly name: string;
  readonly file: string;
  readonly dtype: TensorType;
  /** The parameter that it holds, with the kind and the shape of the stored rows. */
  readonly parameter: Parameter;
  readonly start: number;
  readonly end: number;
}

/** A published model whose headers match its config; no weight has been read yet. */
export interface Checkpoint {
  readonly source: ModelSource;
  readonly config: ModelConfig;
  /** The weight of each of `modelParameters(config)`, by the parameter's name. */
  readonly tensors: ReadonlyMap<string, WeightTensor>;
  /** Bytes of all `tensors`. */
  readonly totalBytes: number;
  /** The name of a rare format for people; formats of `usual_formats.ts` are known by their files' names. */
  readonly format?: string;
  /** The tokenizer in the model's own file, if the format has it there. */
  tokenizer?(): Promise<ReadTokenizer>;
  /** The weight format that the file names for its model, if it names one. Throws `invalid-file`. */
  namedWeights?(): WeightFormat | undefined;
  /**
   * A head that is stored although the config ties it to the embedding. It is not among `tensors`;
   * `settleHead` decides whether it counts.
   */
  readonly storedHead?: WeightTensor | undefined;
  /**
   * Tensors of heads for other tasks (`score`, `classifier`, `qa_outputs`, ...) and of mappers, by their stored names.
   * They are not among `tensors`: the language model does not need them.
   */
  readonly taskHeads?: readonly StoredTensor[] | undefined;
  /** Remarks on the files for the user, besides `configNotes`; a sentence each. */
  readonly notes: readonly string[];
  /**
   * The JSON of config.json and generation_config.json, from which they are written again; empty for a GGUF
   * file.
   */
  readonly json: ConfigFiles;
}

/** The JSON objects in a model's config files. */
export interface ConfigFiles {
  /** config.json. */
  readonly config?: JsonObject;
  /** generation_config.json. */
  readonly generation?: JsonObject;
}
