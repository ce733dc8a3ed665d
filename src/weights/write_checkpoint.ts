import type { ModelConfig } from '../config.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { ConfigFiles } from './checkpoint.js';
import { configFiles } from './config_files.js';
import { type TensorToWrite, writeSafetensors } from './safetensors_write.js';
import { type WeightSlot, weightSlots } from './slots.js';
import type { ModelTarget } from './target.js';

/** As Hugging Face cuts large models. */
const MAX_SHARD_BYTES = 5_000_000_000;

/** A model to write. */
export interface CheckpointToWrite {
  readonly config: ModelConfig;
  /** The numbers of one weight in row order, in chunks of any size: its shape is `slot.shape`. */
  weight(slot: WeightSlot): Iterable<Float32Array> | AsyncIterable<Float32Array>;
  readonly tokenizer?: Tokenizer | undefined;
  /** Files of the model that this one comes from: what does not say what is computed is kept from them. */
  readonly kept?: ConfigFiles | undefined;
}

/**
 * Writes a model as Hugging Face keeps it: config.json, model.safetensors in F32 (or shards above `maxShardBytes`) with
 * the names of GPT2LMHeadModel, and the tokenizer's files. Nothing is in its place until all is written.
 */
export async function writeCheckpoint(
  target: ModelTarget,
  { config, weight, tokenizer, kept }: CheckpointToWrite,
  maxShardBytes = MAX_SHARD_BYTES,
): Promise<void> {
  const files = {
    ...configFiles(config, kept),
    ...tokenizer?.files(),
  };
  const tensors = weightSlots(config).map(
    (slot): TensorToWrite => ({
      name: slot.name === 'lm_head.weight' ? slot.name : `transformer.${slot.name}`,
      dtype: 'F32',
      shape: slot.shape,
      chunks: () => bytesOf(weight(slot)),
    }),
  );
  try {
    for (const [name, text] of Object.entries(files)) {
      await target.write(name, [new TextEncoder().encode(text)]);
    }
    await writeSafetensors(target, tensors, maxShardBytes);
    await target.commit();
  } catch (error) {
    await target.discard();
    throw error;
  }
}

async function* bytesOf(
  chunks: Iterable<Float32Array> | AsyncIterable<Float32Array>,
): AsyncGenerator<Uint8Array> {
  for await (const { buffer, byteOffset, byteLength } of chunks) {
    yield new Uint8Array(buffer, byteOffset, byteLength);
  }
}
