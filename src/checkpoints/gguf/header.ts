import { Gpt2Error } from '../../base/errors.js';
import { BLOCK_SIZES, isTensorType, type TensorType, typeName } from '../../dtypes/tensor_types.js';
import { readExactly } from '../../files/read.js';
import type { ModelSource, SourceFile } from '../../files/source.js';
import { HeaderCursor } from './cursor.js';
import { isGguf, MAGIC, MAGIC_BYTES } from './find.js';
import { MAX_PAIRS, type Metadata, readMetadata } from './metadata.js';

/** First read of a file: holds the header of a model with GPT-2's vocabulary, which has about 1.8 MB. */
const FIRST_READ_BYTES = 2 ** 21;
/** How much longer the next read is where the header goes on. */
const READ_GROWTH = 4;
/** Longest header: the largest vocabularies in use take 20 MB, and all of it is held in memory. */
export const MAX_HEADER_BYTES = 2 ** 26;
/** Most tensors: as many as the layers that a config may have need. */
const MAX_TENSORS = 2 ** 16;
/** Longest tensor name in bytes: ggml's GGML_MAX_NAME. */
const MAX_NAME_BYTES = 64;
/** Most dimensions of a tensor: ggml's GGML_MAX_DIMS. */
export const MAX_DIMENSIONS = 4;
/** What a file without general.alignment has. */
const DEFAULT_ALIGNMENT = 32;

/** One tensor of a file; its bytes are `start` (inclusive) to `end` (exclusive), counted from the file's start. */
export interface GgufTensor {
  readonly name: string;
  readonly type: TensorType;
  /** Rows before columns, as everywhere else; the file has them in the other order. */
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** What a GGUF file says before its weights. */
export interface GgufHeader {
  readonly file: SourceFile;
  /** Names the file in messages. */
  readonly where: string;
  readonly metadata: Metadata;
  /** In the order of their bytes. */
  readonly tensors: readonly GgufTensor[];
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
    const longer = new Uint8Array(length);
    longer.set(bytes);
    longer.set(await readExactly(source, file.path, bytes.length, length, signal), bytes.length);
    bytes = longer;
    if (bytes.length >= MAGIC_BYTES && !isGguf(bytes)) throw await otherFile(bytes, where);
    const cursor = new HeaderCursor(bytes, file.byteLength, where);
    try {
      return parseHeader(cursor, file, where);
    } catch (error) {
      if (!cursor.ranOut || length === most) throw error;
    }
  }
}

/** The error for a file that is not GGUF. */
async function otherFile(bytes: Uint8Array, where: string): Promise<Gpt2Error> {
  const { knownBytes } = await import('../known_bytes.js');
  const is = knownBytes(bytes);
  if (is !== undefined) return new Gpt2Error('invalid-file', `${where}: is ${is}`);
  const [found, right] = [new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true), MAGIC].map(
    (magic) => magic.toString(16).padStart(8, '0'),
  );
  return new Gpt2Error(
    'invalid-file',
    `${where}: is no GGUF file: it begins with 0x${found} in place of 0x${right}`,
  );
}

function parseHeader(cursor: HeaderCursor, file: SourceFile, where: string): GgufHeader {
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
    return { ...tensor, start, end: start + byteLength };
  });
  tensors.sort((a, b) => a.start - b.start);
  checkPlaces(tensors, file.byteLength, (problem) => cursor.wrong(problem));
  return { file, where, metadata, tensors };
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
  // A u32 in the format; as a power of two it then is at most 2^31, so that sums with it stay exact.
  if (alignment < 1 || alignment > 2 ** 31 || !Number.isInteger(Math.log2(alignment))) {
    throw cursor.wrong(`general.alignment is ${alignment}; it must be a power of two of at most 2^31`);
  }
  return alignment;
}

/** A tensor as its entry describes it, with its offset from the data's start. */
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
  const type = readTensorType(cursor, what);
  const { weights, bytes } = BLOCK_SIZES[type];
  const columns = shape.at(-1)!;
  if (columns % weights !== 0) {
    throw cursor.wrong(`${what} has rows of ${columns} weights; ${type} needs a multiple of ${weights}`);
  }
  const offset = cursor.u64(`the offset of ${what}`);
  return { name, type, shape, offset, byteLength: (count / weights) * bytes };
}

function readTensorType(cursor: HeaderCursor, what: string): TensorType {
  const number = cursor.u32(`the type of ${what}`);
  const name = typeName(number);
  if (name === undefined) throw cursor.wrong(`${what} has the unknown type ${number}`);
  if (isTensorType(name)) return name;
  throw cursor.unsupported(`${what} is stored as ${name}; ${Object.keys(BLOCK_SIZES).join(', ')} are read`);
}

/** `tensors` in the order of their bytes: each its own name, its own bytes, and all of them in the file. */
function checkPlaces(
  tensors: readonly GgufTensor[],
  fileBytes: number,
  wrong: (problem: string) => Gpt2Error,
): void {
  const names = new Set<string>();
  let previous: GgufTensor | undefined;
  for (const tensor of tensors) {
    const what = `tensor ${JSON.stringify(tensor.name)}`;
    if (names.has(tensor.name)) throw wrong(`${what} stands twice`);
    names.add(tensor.name);
    if (tensor.end > fileBytes) {
      throw wrong(
        `${what} ends at byte ${tensor.end}, but the file has ${fileBytes}; it is cut off or damaged`,
      );
    }
    if (previous !== undefined && tensor.start < previous.end) {
      throw wrong(`${what} overlaps tensor ${JSON.stringify(previous.name)}`);
    }
    previous = tensor;
  }
}
