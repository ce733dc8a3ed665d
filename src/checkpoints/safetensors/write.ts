import { Gpt2Error } from '../../base/errors.js';
import { BLOCK_SIZES, type Dtype } from '../../dtypes/tensor_types.js';
import type { ModelTarget } from '../../files/target.js';
import { INDEX_FILE, SINGLE_FILE } from '../huggingface/file_names.js';

/** transformers refuses files whose metadata does not name a framework. */
const METADATA = { format: 'pt' };

/**
 * A tensor to write; `chunks` gives its bytes, little-endian and in row order, and is called when its turn
 * comes.
 */
export interface TensorToWrite {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  chunks(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/**
 * A safetensors file in chunks; no tensor is held whole. Tensors with wider numbers come first, so that each
 * is aligned to its numbers, and otherwise they are in the order of their names. `metadata` maps names to texts. Throws
 * `invalid-option` for a tensor whose chunks do not fill its shape, and for two of one name.
 *
 * Format: https://github.com/huggingface/safetensors#format
 */
export async function* safetensorsChunks(
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>> = METADATA,
): AsyncGenerator<Uint8Array> {
  const sorted = tensors.slice().sort(inFileOrder);
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const tensor of sorted) {
    if (Object.hasOwn(header, tensor.name)) {
      throw new Gpt2Error('invalid-option', `two tensors are named ${JSON.stringify(tensor.name)}`);
    }
    const start = end;
    end += byteLengthOf(tensor);
    header[tensor.name] = { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [start, end] };
  }
  yield headerBytes(header);
  for (const tensor of sorted) {
    let written = 0;
    for await (const chunk of tensor.chunks()) {
      written += chunk.length;
      yield chunk;
    }
    if (written !== byteLengthOf(tensor)) {
      throw new Gpt2Error(
        'invalid-option',
        `tensor ${JSON.stringify(tensor.name)} gave ${written} bytes, but its shape [${tensor.shape.join(', ')}] ` +
          `of ${tensor.dtype} takes ${byteLengthOf(tensor)}`,
      );
    }
  }
}

/**
 * Writes tensors as `model.safetensors`, or if they take more than `maxShardBytes`, as shards of at most that
 * size (a larger tensor is a shard by itself) with `model.safetensors.index.json`.
 */
export async function writeSafetensors(
  target: ModelTarget,
  tensors: readonly TensorToWrite[],
  maxShardBytes: number,
): Promise<void> {
  const shards = divide(tensors.slice().sort(inFileOrder), maxShardBytes);
  if (shards.length <= 1) {
    await target.write(SINGLE_FILE, safetensorsChunks(tensors));
    await target.remove(INDEX_FILE);
    return;
  }
  const weightMap: Record<string, string> = {};
  const number = (value: number) => String(value).padStart(5, '0');
  for (const [i, shard] of shards.entries()) {
    const file = `model-${number(i + 1)}-of-${number(shards.length)}.safetensors`;
    await target.write(file, safetensorsChunks(shard));
    for (const { name } of shard) weightMap[name] = file;
  }
  const totalSize = tensors.reduce((sum, tensor) => sum + byteLengthOf(tensor), 0);
  const index = { metadata: { total_size: totalSize }, weight_map: weightMap };
  await target.write(INDEX_FILE, [new TextEncoder().encode(`${JSON.stringify(index, undefined, 2)}\n`)]);
  // If a folder has both forms, readers take the single file.
  await target.remove(SINGLE_FILE);
}

function inFileOrder(a: TensorToWrite, b: TensorToWrite): number {
  return BLOCK_SIZES[b.dtype].bytes - BLOCK_SIZES[a.dtype].bytes || (a.name < b.name ? -1 : 1);
}

function divide(tensors: readonly TensorToWrite[], maxBytes: number): TensorToWrite[][] {
  const shards: TensorToWrite[][] = [];
  let room = 0;
  for (const tensor of tensors) {
    const size = byteLengthOf(tensor);
    if (shards.length === 0 || size > room) {
      shards.push([]);
      room = maxBytes;
    }
    shards.at(-1)!.push(tensor);
    room -= size;
  }
  return shards;
}

function byteLengthOf({ dtype, shape }: TensorToWrite): number {
  return shape.reduce((product, size) => product * size, BLOCK_SIZES[dtype].bytes);
}

/** The length and the header, padded so that the data begin at a multiple of eight bytes. */
function headerBytes(header: unknown): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  return bytes;
}
