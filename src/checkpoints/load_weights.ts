import { type Parameter, rowGroup } from '../architecture/gpt2/parameters.js';
import { throwIfAborted } from '../base/errors.js';
import { startedEarly } from '../base/started_early.js';
import { withPlace } from '../base/with_place.js';
import type { dequantize } from '../dtypes/dequantize.js';
import { isBlockType, type TensorType } from '../dtypes/tensor_types.js';
import { readExactly } from '../files/read.js';
import type { Checkpoint, WeightTensor } from './checkpoint.js';
import type { WeightLoader } from './weight_loader.js';

/**
 * Bytes of one read: large enough to hide the cost of a request, small compared with a model's packed
 * weights.
 */
export const READ_CHUNK_BYTES = 4 * 1024 * 1024;

/** Weights that are decoded to f32 at once (at least a row): 256 KiB stay in the processor's cache. */
const DECODED_WEIGHTS = 65_536;

/** What is read of a checkpoint. */
type Stored = Pick<Checkpoint, 'source' | 'tensors' | 'totalBytes'>;

/** How much of a checkpoint has been read. */
export interface LoadProgress {
  /** Bytes of weights read so far, of all files. */
  readonly loaded: number;
  /** Bytes of weights in all files. */
  readonly total: number;
  /** Path of the file they were read from. */
  readonly file: string;
}

export interface LoadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
}

/** Whole rows of one parameter, a part of a read. */
interface Piece {
  readonly parameter: Parameter;
  readonly dtype: TensorType;
  readonly firstRow: number;
  readonly rowCount: number;
  readonly byteLength: number;
}

/** Whole row groups of one parameter; `bytes` are valid until the next rows are asked for. */
export interface StoredRows extends Omit<Piece, 'byteLength'> {
  readonly bytes: Uint8Array;
}

/** One request to the source: the bytes of its pieces in order. */
interface ChunkRead {
  readonly file: string;
  readonly start: number;
  end: number;
  readonly pieces: Piece[];
}

/**
 * Streams every weight of a checkpoint into `loader`, in the order of the stored bytes, holding at most two
 * chunks. `onProgress` is called after each chunk, at last with loaded equal to total.
 *
 * Throws `invalid-file` if a file has become shorter or has a number that is not finite, `aborted`, and the
 * errors of source and loader; no read is pending then.
 */
export function loadWeights(
  checkpoint: Stored,
  loader: WeightLoader,
  options: LoadOptions = {},
): Promise<void> {
  return loadInChunks(checkpoint, loader, READ_CHUNK_BYTES, options);
}

/** `loadWeights` with reads of at most `chunkBytes`, or of one row group if that is longer. */
export async function loadInChunks(
  checkpoint: Stored,
  loader: WeightLoader,
  chunkBytes: number,
  options: LoadOptions,
): Promise<void> {
  const decoded = new Float32Array(decodedLength(checkpoint));
  const decode = decoded.length > 0 ? (await import('../dtypes/dequantize.js')).dequantize : undefined;
  for await (const rows of readRows(checkpoint, chunkBytes, options)) {
    try {
      pack(loader, rows, decoded, decode);
    } catch (error) {
      const { name, file } = checkpoint.tensors.get(rows.parameter.name)!;
      throw withPlace(error, `tensor ${JSON.stringify(name)} in ${file} of ${checkpoint.source.name}`);
    }
  }
}

/**
 * Reads every weight of a checkpoint in the order of the stored bytes, the rows of a tensor one after the
 * other. The next chunk is read while the rows of the current one are used. `onProgress` and errors are those
 * of `loadWeights`.
 */
export async function* readRows(
  checkpoint: Stored,
  chunkBytes: number,
  { signal, onProgress }: LoadOptions,
): AsyncGenerator<StoredRows, void, void> {
  const { source, totalBytes } = checkpoint;
  const reads = planReads(checkpoint, chunkBytes);
  const longest = reads.reduce((most, { start, end }) => Math.max(most, end - start), 0);
  const buffers = [new Uint8Array(longest), new Uint8Array(longest)];
  const begin = (i: number): Promise<Uint8Array> => {
    const { file, start, end } = reads[i]!;
    return startedEarly(readExactly(source, file, start, end, signal, buffers[i % 2]));
  };

  let loaded = 0;
  let pending = begin(0);
  try {
    for (const [i, read] of reads.entries()) {
      const bytes = await pending;
      throwIfAborted(signal, `reading ${read.file} of ${source.name}`);
      if (i + 1 < reads.length) pending = begin(i + 1);
      let offset = 0;
      for (const { byteLength, ...rows } of read.pieces) {
        yield { ...rows, bytes: bytes.subarray(offset, offset + byteLength) };
        offset += byteLength;
      }
      loaded += bytes.length;
      onProgress?.({ loaded, total: totalBytes, file: read.file });
    }
  } finally {
    await pending.catch(() => {});
  }
}

/** Passes rows to the loader; blocks that it does not take are decoded to f32, some rows at a time. */
function pack(
  loader: WeightLoader,
  stored: StoredRows,
  decoded: Float32Array<ArrayBuffer>,
  decode: typeof dequantize | undefined,
): void {
  const { parameter, dtype, firstRow, rowCount, bytes } = stored;
  if (!isBlockType(dtype) || loader.takesBlocks(parameter, dtype)) {
    loader.pack(parameter, firstRow, rowCount, bytes, dtype);
    return;
  }
  const columns = parameter.shape.at(-1)!;
  const rowBytes = bytes.length / rowCount;
  const most = Math.floor(decoded.length / columns);
  for (let row = 0; row < rowCount; row += most) {
    const rows = Math.min(most, rowCount - row);
    decode!(dtype, bytes.subarray(row * rowBytes, (row + rows) * rowBytes), decoded);
    loader.pack(
      parameter,
      firstRow + row,
      rows,
      new Uint8Array(decoded.buffer, 0, 4 * rows * columns),
      'F32',
    );
  }
}

/** Numbers that `pack` decodes at once, at most; 0 if nothing is stored in blocks. */
function decodedLength({ tensors }: Stored): number {
  const blocks = [...tensors.values()].filter(({ dtype }) => isBlockType(dtype));
  return blocks.reduce(
    (most, { parameter }) => Math.max(most, parameter.shape.at(-1)!),
    blocks.length && DECODED_WEIGHTS,
  );
}

/** The tensors of a checkpoint in the order of their stored bytes, file by file. */
export function inStoredOrder(checkpoint: Stored): WeightTensor[] {
  return [...checkpoint.tensors.values()].sort((a, b) => compareFiles(a, b) || a.start - b.start);
}

/**
 * The reads in the order of the stored bytes: small neighbours share one, large tensors are split between row
 * groups.
 */
function planReads(checkpoint: Stored, chunkBytes: number): ChunkRead[] {
  const reads: ChunkRead[] = [];
  for (const tensor of inStoredOrder(checkpoint)) {
    const { parameter } = tensor;
    const rows = parameter.kind === 'vector' ? 1 : parameter.shape[0]!;
    const rowBytes = (tensor.end - tensor.start) / rows;
    const group = rowGroup(parameter.kind);
    for (let firstRow = 0; firstRow < rows; ) {
      const start = tensor.start + firstRow * rowBytes;
      let read = reads.at(-1);
      const least = Math.min(rows - firstRow, group);
      const fits = read && read.end - read.start + least * rowBytes <= chunkBytes;
      if (read?.file !== tensor.file || read.end !== start || !fits) {
        read = { file: tensor.file, start, end: start, pieces: [] };
        reads.push(read);
      }
      const room = Math.floor((chunkBytes - (start - read.start)) / rowBytes / group) * group;
      const rowCount = Math.min(rows - firstRow, Math.max(group, room));
      const byteLength = rowCount * rowBytes;
      read.pieces.push({ parameter, dtype: tensor.dtype, firstRow, rowCount, byteLength });
      read.end += byteLength;
      firstRow += rowCount;
    }
  }
  return reads;
}

function compareFiles(a: WeightTensor, b: WeightTensor): number {
  if (a.file === b.file) return 0;
  return a.file < b.file ? -1 : 1;
}
