import { checkWholeConfig } from '../../architecture/gpt2/check_whole_config.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { modelParameters, type Parameter } from '../../architecture/gpt2/parameters.js';
import { checkIterable } from '../../base/check_lists.js';
import { checkNumber } from '../../base/check_number.js';
import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { isFloat32Array } from '../../base/float_array.js';
import { checkTarget } from '../../files/check_target.js';
import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import type { ModelTarget } from '../../files/target.js';
import { writeWhole } from '../../files/write_whole.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { ConfigFiles } from '../checkpoint.js';
import { type TensorToWrite, writeSafetensors } from '../safetensors/write.js';
import { configFiles } from './config_files.js';

/** The size at which Hugging Face splits large models. */
const MAX_SHARD_BYTES = 5_000_000_000;

/** A model to write. */
export interface CheckpointToWrite {
  /** The model's configuration. */
  readonly config: ModelConfig;
  /** The numbers of one weight in row order, in chunks of any size: its shape is `parameter.shape`. */
  weight(parameter: Parameter): Iterable<Float32Array> | AsyncIterable<Float32Array>;
  /** Its files are written with the model, if it is given. */
  readonly tokenizer?: Tokenizer | undefined;
  /** Files of the model that this one was made from: fields that do not change the computation are kept. */
  readonly kept?: ConfigFiles | undefined;
}

/**
 * Writes a model in Hugging Face's layout: config.json, model.safetensors in F32 (or shards of at most
 * `maxShardBytes`) with the names of GPT2LMHeadModel, and the tokenizer's files. No file is in its place
 * before all are written.
 */
export async function writeCheckpoint(
  target: ModelTarget,
  checkpoint: CheckpointToWrite,
  maxShardBytes = MAX_SHARD_BYTES,
): Promise<void> {
  checkTarget(target);
  checkGiven(checkpoint);
  checkNumber('maxShardBytes', maxShardBytes, [(bytes) => bytes > 0, 'a number above 0']);
  await writeModelFiles(target, checkpoint, modelToWrite(checkpoint), maxShardBytes);
}

/** The tensors of a model to write, with the names of GPT2LMHeadModel. */
export function modelToWrite({ config, weight }: CheckpointToWrite): TensorToWrite[] {
  return modelParameters(config).map((parameter) => ({
    name: parameter.name === 'lm_head.weight' ? parameter.name : `transformer.${parameter.name}`,
    dtype: 'F32',
    shape: parameter.shape,
    chunks: () => bytesOf(weight(parameter), parameter.name),
  }));
}

/**
 * Writes tensors and the other files of a model, with these further fields in its config.json. No file is in its
 * place before all are written.
 */
export async function writeModelFiles(
  target: ModelTarget,
  { config, tokenizer, kept }: CheckpointToWrite,
  tensors: readonly TensorToWrite[],
  maxShardBytes = MAX_SHARD_BYTES,
  fields: JsonObject = {},
): Promise<void> {
  const files = {
    ...configFiles(config, kept, fields),
    ...tokenizer?.files(),
  };
  await writeWhole(target, async () => {
    for (const [name, text] of Object.entries(files)) {
      await target.write(name, [new TextEncoder().encode(text)]);
    }
    await writeSafetensors(target, tensors, maxShardBytes);
  });
}

function checkGiven(checkpoint: CheckpointToWrite): void {
  checkOptionNames('writeCheckpoint', checkpoint, ['config', 'weight', 'tokenizer', 'kept']);
  const { config, weight, tokenizer, kept } = checkpoint;
  checkWholeConfig(config);
  if (typeof weight !== 'function') throw invalidOption('weight', weight, 'a function');
  if (tokenizer !== undefined && typeof tokenizer?.files !== 'function') {
    throw invalidOption('tokenizer', tokenizer, 'what loadTokenizer or trainTokenizer gives');
  }
  if (kept === undefined) return;
  checkOptionNames('kept', kept, ['config', 'generation']);
  for (const [name, json] of Object.entries(kept)) {
    if (json !== undefined && !isJsonObject(json)) throw invalidOption(`kept.${name}`, json, 'an object');
  }
}

async function* bytesOf(
  chunks: Iterable<Float32Array> | AsyncIterable<Float32Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  checkIterable(`weight of ${name}`, chunks, 'chunks, each a Float32Array');
  for await (const chunk of chunks) {
    if (!isFloat32Array(chunk)) throw invalidOption(`a chunk of ${name}`, chunk, 'a Float32Array');
    yield new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
}
