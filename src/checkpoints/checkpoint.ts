import type { ModelConfig } from '../architecture/gpt2/config.js';
import type { Parameter } from '../architecture/gpt2/parameters.js';
import type { TensorType } from '../dtypes/tensor_types.js';
import type { WeightFormat } from '../dtypes/weight_formats.js';
import type { JsonObject } from '../files/json_object.js';
import type { ModelSource } from '../files/source.js';
import type { TokenizerParts } from '../tokenizer/tokenizer_parts.js';

/** Where a weight is stored, and how; its bytes are `start` (inclusive) to `end` (exclusive) of `file`. */
export interface WeightTensor {
  /** As the file names it. */
  readonly name: string;
  readonly file: string;
  readonly dtype: TensorType;
  /** The parameter it fills, with the kind and the shape of the stored rows. */
  readonly parameter: Parameter;
  readonly start: number;
  readonly end: number;
}

/** A model's files, checked against its config; no weight has been read yet. */
export interface Checkpoint {
  readonly source: ModelSource;
  readonly config: ModelConfig;
  /** Where each weight of `modelParameters(config)` is stored, by the parameter's name. */
  readonly tensors: ReadonlyMap<string, WeightTensor>;
  /** Bytes of all `tensors`, which loading reads. */
  readonly totalBytes: number;
  /** The tokenizer in the model's own file; left out if tokenizers lie in files beside it. */
  tokenizer?(): TokenizerParts;
  /** The format that the file says its model is made to run in, if it says one. Throws `invalid-file`. */
  namedWeights?(): WeightFormat | undefined;
  /**
   * A head that is stored beside the embedding to which the config ties it. It is not among `tensors`, and whether it
   * counts is for `settleHead` to say.
   */
  readonly storedHead?: WeightTensor | undefined;
  /** What a user may want to know of the files besides `configNotes`, a sentence each. */
  readonly notes: readonly string[];
  /** The JSON of config.json and of generation_config.json, for whoever writes them again; none of a GGUF file. */
  readonly json: ConfigFiles;
}

/** Objects, as they are in the files. */
export interface ConfigFiles {
  /** config.json. */
  readonly config?: JsonObject;
  /** generation_config.json. */
  readonly generation?: JsonObject;
}
