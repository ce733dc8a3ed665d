import { Gpt2Error } from '../../base/errors.js';
import { protobufFields } from '../../files/protobuf.js';
import type { SourceFile } from '../../files/source.js';
import type { StoredTensor } from '../stored_tensor.js';
import { tableEntries } from './table.js';

/** TensorFlow's numbers of types (DataType), and their names here, with the bytes of a number. */
const TYPES: ReadonlyMap<number, readonly [name: string, bytes: number]> = new Map([
  [1, ['F32', 4]],
  [14, ['BF16', 2]],
  [19, ['F16', 2]],
]);
/** Most files that hold the tensors; five digits count them. */
const MOST_SHARDS = 99_999;

/** A tensor of a bundle. */
interface Entry extends StoredTensor {
  /** Whether it is stored in slices, under names of their own. */
  readonly isSliced: boolean;
}

/** The name of a file that holds tensors; `stem`: the path of the index without `.index`. */
export function shardName(stem: string, shard: number, count: number): string {
  const digits = (number: number) => String(number).padStart(5, '0');
  return `${stem}.data-${digits(shard)}-of-${digits(count)}`;
}

/** The number of files that hold the tensors, by the first entry of an index. Throws `invalid-file`. */
export function shardCount(header: Uint8Array, where: string): number {
  let count = 0;
  for (const { number, value } of protobufFields(header, where)) {
    if (number === 1) count = value;
    if (number === 2 && value !== 0) {
      throw new Gpt2Error(
        'unsupported',
        `${where} is of a big-endian machine; only little-endian ones are read`,
      );
    }
  }
  if (count >= 1 && count <= MOST_SHARDS) return count;
  throw new Gpt2Error(
    'invalid-file',
    `${where} names ${count} files with tensors; there must be 1 to ${MOST_SHARDS}`,
  );
}

/**
 * The tensors that the bytes of an index list. `stem`: its path without `.index`; `where` names it. Throws
 * `invalid-file`, `not-found` if a file with tensors is missing, and `unsupported`.
 *
 * Format: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/protobuf/tensor_bundle.proto
 */
export function readBundle(
  index: Uint8Array,
  stem: string,
  listed: readonly SourceFile[],
  where: string,
): Entry[] {
  const sizes = new Map(listed.map(({ path, byteLength }) => [path, byteLength]));
  const tensors: Entry[] = [];
  let shards: number | undefined;
  for (const [name, value] of tableEntries(index, where)) {
    if (shards === undefined) {
      // The entry of the empty name comes first.
      if (name !== '') break;
      shards = shardCount(value, where);
      continue;
    }
    const { shard, ...entry } = readEntry(value, `${JSON.stringify(name)} in ${where}`);
    const file = shardName(stem, shard, shards);
    tensors.push({ name, file, ...entry });
    const size = sizes.get(file);
    if (shard >= shards || (size !== undefined && entry.end > size)) {
      throw new Gpt2Error(
        'invalid-file',
        `${where} has ${JSON.stringify(name)} at bytes ${entry.start} to ${entry.end} of ${file}, which has ` +
          `${size ?? 'no such'} bytes; one of the two is cut off or damaged`,
      );
    }
  }
  if (shards === undefined) {
    throw new Gpt2Error('invalid-file', `${where} does not begin with the header of a TensorFlow checkpoint`);
  }
  return tensors;
}

function readEntry(bytes: Uint8Array, what: string) {
  let type = 0;
  let shard = 0;
  let start = 0;
  let size = 0;
  let isSliced = false;
  let shape: number[] = [];
  for (const field of protobufFields(bytes, what)) {
    if (field.number === 1) type = field.value;
    else if (field.number === 2) shape = readShape(field.bytes, what);
    else if (field.number === 3) shard = field.value;
    else if (field.number === 4) start = field.value;
    else if (field.number === 5) size = field.value;
    else if (field.number === 7) isSliced = true;
  }
  const [dtype, byteLength] = TYPES.get(type) ?? [`TensorFlow's type ${type}`, undefined];
  const numbers = shape.reduce((product, length) => product * length, 1);
  const isRight = byteLength === undefined || isSliced || numbers * byteLength === size;
  if (!isRight || !Number.isSafeInteger(start + size)) {
    throw new Gpt2Error(
      'invalid-file',
      `${what} has ${size} bytes from byte ${start} on, but its shape [${shape.join(', ')}] of ${dtype} takes others`,
    );
  }
  return { dtype, shape, shard, start, end: start + size, isSliced };
}

function readShape(bytes: Uint8Array, what: string): number[] {
  const shape: number[] = [];
  for (const dimension of protobufFields(bytes, what)) {
    if (dimension.number !== 2) continue;
    let length = 0;
    for (const { number, value } of protobufFields(dimension.bytes, what)) if (number === 1) length = value;
    shape.push(length);
  }
  return shape;
}
