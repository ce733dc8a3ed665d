import { BLOCK_SIZES, type TensorType, typeOfNumber } from '../../dtypes/tensor_types.js';
import { readExactly } from '../../files/read.js';
import type { ModelSource, SourceFile } from '../../files/source.js';
import { FIRST_BYTES } from '../../files/wanted_files.js';
import type { StoredTensor } from '../stored_tensor.js';
import { HeaderCursor } from './cursor.js';
import { isGguf } from './magic.js';
import { MAX_PAIRS, type Metadata, readMetadata } from './metadata.js';

/** First read of a file: holds the header of a model with GPT-2's vocabulary, which has about 1.8 MB. */
const FIRST_READ_BYTES = 2 ** 21;
/** How many times as many bytes are read next if the header is longer. */
const READ_GROWTH = 4;
/** Longest header: the largest vocabularies in use take 20 MB, and all of it is held in memory. */
export const MAX_HEADER_BYTES = 2 ** 26;
/** Upper bound of the number of tensors, enough for MAX_LAYERS layers. */
const MAX_TENSORS = 2 ** 16;
/** Longest tensor name in bytes: ggml's GGML_MAX_NAME. */
const MAX_NAME_BYTES = 64;
/** Most dimensions of a tensor: ggml's GGML_MAX_DIMS. */
export const MAX_DIMENSIONS = 4;
/** The alignment of a file without general.alignment. */
const DEFAULT_ALIGNMENT = 32;

/** The parts of a GGUF file before its weights. */
export interface GgufHeader {
  /** Names the source in messages. */
  readonly source: string;
  /** Names the file of the source in messages. */
  readonly where: string;
  readonly metadata: Metadata;
  /** In the order of their bytes. */
  readonly tensors: readonly StoredTensor[];
}

/**
 * Reads and checks the header of a little-endian GGUF file of version 2 or 3.
 * Throws `invalid-file`, `unsupported` for another version or a tensor type that is not read, and `aborted`.
 *
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
export async function readGgufHeader(
  source: ModelSource,
  file: SourceFile,
  signal?: AbortSignal,
): Promise<GgufHeader> {
  const where = `${file.path} of ${source.name}`;
  const most = Math.min(file.byteLength, MAX_HEADER_BYTES);
  let bytes = new Uint8Array(0);
  for (let length = Math.min(most, FIRST_READ_BYTES); ; length = Math.min(most, READ_GROWTH * length)) {
    if (length > bytes.length) {
      const longer = new Uint8Array(length);
      longer.set(bytes);
      longer.set(await readExactly(source, file.path, bytes.length, length, signal), bytes.length);
      bytes = longer;
    }
    if (bytes.length >= FIRST_BYTES && !isGguf(bytes)) {
      throw (await import('./other_file.js')).otherFile(bytes, where);
    }
    const cursor = new HeaderCursor(bytes, file.byteLength, where);
    try {
      return parseHeader(cursor, file, source.name, where);
    } catch (error) {
      if (cursor.unread !== undefined) {
        await (await import('./unread_type.js')).loadRareTypes(cursor);
        length /= READ_GROWTH; // read the same bytes again
        continue;
      }
      if (!cursor.ranOut || length === most) throw error;
    }
  }
}

function parseHeader(cursor: HeaderCursor, file: SourceFile, source: string, where: string): GgufHeader {
  cursor.u32('the magic number');
  checkVersion(cursor);
  const tensorCount = cursor.count(MAX_TENSORS, 'the number of tensors');
  const metadata = readMetadata(cursor, cursor.count(MAX_PAIRS, 'the number of metadata pairs'), where);
  const alignment = readAlignment(cursor, metadata);
  const infos = Array.from({ length: tensorCount }, (_, i) => readTensorInfo(cursor, i));
  const dataStart = Math.ceil(cursor.at / alignment) * alignment;
  const tensors = infos.map(({ offset, byteLength, ...tensor }) => {
    if (offset % alignment !== 0) {
      throw cursor.wrong(
        `tensor ${JSON.stringify(tensor.name)} has offset ${offset}, no multiple of the alignment ${alignment}`,
      );
    }
    const start = dataStart + offset;
    return { ...tensor, file: file.path, start, end: start + byteLength };
  });
  tensors.sort((a, b) => a.start - b.start);
  checkPlaces(tensors, file.byteLength, cursor);
  return { source, where, metadata, tensors };
}

function checkVersion(cursor: HeaderCursor): void {
  const version = cursor.u32('the version');
  if (version === 2 || version === 3) return;
  if (version !== 0 && (version & 0xffff) === 0) {
    throw cursor.unsupported('is a big-endian GGUF file; only little-endian ones are read');
  }
  throw cursor.unsupported(`is GGUF version ${version}; versions 2 and 3 are read`);
}

function readAlignment(cursor: HeaderCursor, metadata: Metadata): number {
  const alignment = metadata.whole('general.alignment') ?? DEFAULT_ALIGNMENT;
  // A power of two that fits a u32 is at most 2^31, so that sums with it are exact.
  if (alignment < 1 || alignment > 2 ** 31 || !Number.isInteger(Math.log2(alignment))) {
    throw cursor.wrong(`general.alignment is ${alignment}; it must be a power of two of at most 2^31`);
  }
  return alignment;
}

/** Reads the entry of a tensor; its offset counts from the start of the data. */
function readTensorInfo(cursor: HeaderCursor, index: number) {
  const name = cursor.string(MAX_NAME_BYTES, `the name of tensor ${index}`);
  const what = `tensor ${JSON.stringify(name)}`;
  const dimensions = cursor.u32(`the number of dimensions of ${what}`);
  if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
    throw cursor.wrong(`${what} has ${dimensions} dimensions; 1 to ${MAX_DIMENSIONS} are allowed`);
  }
  const shape = Array.from({ length: dimensions }, () => cursor.u64(`a dimension of ${what}`)).reverse();
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (size < 1 || count > Number.MAX_SAFE_INTEGER) {
      throw cursor.wrong(
        `${what} has shape [${shape.join(', ')}], whose sizes are zero or too large for any file`,
      );
    }
  }
  const dtype = readTensorType(cursor, what);
  const { weights, bytes } = BLOCK_SIZES[dtype];
  const columns = shape.at(-1)!;
  if (columns % weights !== 0) {
    throw cursor.wrong(`${what} has rows of ${columns} weights; ${dtype} needs a multiple of ${weights}`);
  }
  const offset = cursor.u64(`the offset of ${what}`);
  return { name, dtype, shape, offset, byteLength: (count / weights) * bytes };
}

function readTensorType(cursor: HeaderCursor, what: string): TensorType {
  const number = cursor.u32(`the type of ${what}`);
  const type = typeOfNumber(number);
  if (type !== undefined) return type;
  cursor.unread = { what, number };
  throw cursor.unsupported(what);
}

/**
 * Throws unless all names differ and no tensors overlap or reach beyond the file. `tensors` are in the order
 * of their bytes.
 */
function checkPlaces(tensors: readonly StoredTensor[], fileBytes: number, cursor: HeaderCursor): void {
  const names = new Set<string>();
  let previous: StoredTensor | undefined;
  for (const tensor of tensors) {
    const what = `tensor ${JSON.stringify(tensor.name)}`;
    if (names.has(tensor.name)) throw cursor.wrong(`${what} stands twice`);
    names.add(tensor.name);
    if (tensor.end > fileBytes) {
      throw cursor.wrong(
        `${what} ends at byte ${tensor.end}, but the file has ${fileBytes}; it is cut off or damaged`,
      );
    }
    if (previous !== undefined && tensor.start < previous.end) {
      throw cursor.wrong(`${what} overlaps tensor ${JSON.stringify(previous.name)}`);
    }
    previous = tensor;
  }
}
