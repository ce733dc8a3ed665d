import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { type Parameter, rowGroup } from '../../architecture/gpt2/parameters.js';
import { Gpt2Error } from '../../base/errors.js';
import { decode, storedBytes } from '../../dtypes/decode.js';
import {
  areStoredFinite,
  type BlockEncoder,
  encode,
  type MatrixRows,
  type WrittenType,
} from '../../dtypes/encode.js';
import { isBlockType } from '../../dtypes/tensor_types.js';
import type { Checkpoint } from '../checkpoint.js';
import { type LoadOptions, READ_CHUNK_BYTES, readRows, type StoredRows } from '../load_weights.js';
import { type AdapterSum, Merger } from '../peft/adapter_sum.js';
import { aligned, type TensorEntry } from './header_writer.js';

/** A tensor to write. */
export interface Target extends TensorEntry {
  readonly type: WrittenType;
}

/** How weights are changed and encoded. */
export interface Conversion {
  readonly adapters: AdapterSum;
  /** Encodes matrices of a quantized type, if the file has one. */
  readonly blocks: BlockEncoder | undefined;
}

/**
 * How one tensor is changed: adapters are added, then queries, the first third of a row, are multiplied by
 * `scale`.
 */
interface Change extends Conversion {
  readonly scale: number;
}

/** Weights that are decoded to f32 at once; a row group is taken whole if it is longer. */
const DECODED_WEIGHTS = 65_536;

/**
 * The bytes of all tensors in the order of `inStoredOrder`, each padded; `targets` are by the parameters'
 * names. Rows are written as they are read, but a Conv1D matrix is held whole to transpose it: no more of the
 * model is in memory.
 */
export async function* tensorBytes(
  checkpoint: Checkpoint,
  targets: ReadonlyMap<string, Target>,
  conversion: Conversion,
  options: LoadOptions,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  let whole = new Uint8Array(0);
  const merger = new Merger(conversion.adapters);
  for await (const stored of readRows(checkpoint, READ_CHUNK_BYTES, options)) {
    const rows = merger.merge(stored);
    if (rows === undefined) continue;
    const { parameter, firstRow, rowCount } = rows;
    const target = targets.get(parameter.name)!;
    const count = parameter.kind === 'vector' ? 1 : parameter.shape[0]!;
    const isLast = firstRow + rowCount === count;
    const change = { ...conversion, scale: queryScale(parameter, checkpoint.config) };
    if (parameter.kind === 'conv1d') {
      if (firstRow === 0) whole = new Uint8Array(aligned(target.byteLength));
      writeColumns(rows, target, change, whole);
      if (isLast) yield whole;
    } else {
      const padding = isLast ? aligned(target.byteLength) - target.byteLength : 0;
      const part = new Uint8Array((target.byteLength / count) * rowCount + padding);
      writeRows(rows, target, change, part);
      yield part;
    }
  }
}

/**
 * llama.cpp always divides attention scores by the square root of the head size. If a config asks for another
 * scale, the queries are multiplied by the quotient of the two, so that the scores are the same.
 */
function queryScale({ name }: Parameter, config: ModelConfig): number {
  const layer = /^h\.(\d+)\.attn\.c_attn\./.exec(name)?.[1];
  if (layer === undefined) return 1;
  const missing = config.scaleAttention ? 1 : Math.sqrt(config.channels / config.heads);
  return config.scaleAttentionByInverseLayer ? missing / (Number(layer) + 1) : missing;
}

/** Writes rows that are not transposed; rows that have the written type already are copied bit by bit. */
function writeRows(stored: StoredRows, target: Target, change: Change, out: Uint8Array<ArrayBuffer>): void {
  const { parameter, dtype, bytes } = stored;
  if (dtype === target.type && change.scale === 1) {
    if (!areStoredFinite(target.type, bytes)) throw tooLarge(stored, target);
    out.set(bytes);
    return;
  }
  const columns = parameter.shape.at(-1)!;
  const rowBytes = storedBytes(target.type, columns);
  const most = Math.max(1, Math.floor(DECODED_WEIGHTS / columns));
  for (const { values, row, count } of decodedRows(stored, most, change)) {
    if (isBlockType(target.type)) {
      encodeBlocks(stored, target, change, { parameter, rows: count, values }, out, row * rowBytes);
    } else if (!encode(target.type, values, out, row * rowBytes)) throw tooLarge(stored, target);
  }
}

/** Writes rows of a Conv1D matrix [K, N] into the columns of `whole` [N, K]. */
function writeColumns(
  stored: StoredRows,
  target: Target,
  change: Change,
  whole: Uint8Array<ArrayBuffer>,
): void {
  const { parameter, firstRow } = stored;
  const group = rowGroup('conv1d');
  const [N, K] = target.shape as [number, number];
  const rowBytes = storedBytes(target.type, K);
  for (const { values, row, count } of decodedRows(stored, group, change)) {
    const at = storedBytes(target.type, firstRow + row);
    if (isBlockType(target.type)) {
      encodeBlocks(stored, target, change, { parameter, rows: count, values }, whole, at);
      continue;
    }
    const column = new Float32Array(count);
    for (let n = 0; n < N; n++) {
      for (let k = 0; k < count; k++) column[k] = values[k * N + n]!;
      if (!encode(target.type, column, whole, n * rowBytes + at)) throw tooLarge(stored, target);
    }
  }
}

function encodeBlocks(
  stored: StoredRows,
  target: Target,
  { blocks }: Change,
  rows: MatrixRows,
  out: Uint8Array<ArrayBuffer>,
  at: number,
): void {
  try {
    blocks!.encode(rows, out, at, storedBytes(target.type, target.shape.at(-1)!));
  } catch (error) {
    const isMemory = !(error instanceof Gpt2Error) || error.code === 'out-of-memory';
    throw isMemory ? error : tooLarge(stored, target, error);
  }
}

/** Rows as f32 with their changes, at most `most` rows at a time. */
function* decodedRows({ parameter, dtype, rowCount, bytes }: StoredRows, most: number, { scale }: Change) {
  const columns = parameter.shape.at(-1)!;
  const rowBytes = bytes.length / rowCount;
  const values = new Float32Array(Math.min(most, rowCount) * columns);
  for (let row = 0; row < rowCount; row += most) {
    const count = Math.min(most, rowCount - row);
    decode(dtype, bytes.subarray(row * rowBytes, (row + count) * rowBytes), values);
    if (scale !== 1) {
      for (let i = 0; i < count * columns; i++) if (i % columns < columns / 3) values[i]! *= scale;
    }
    yield { values: values.subarray(0, count * columns), row, count };
  }
}

function tooLarge({ parameter }: StoredRows, { name, type }: Target, cause?: unknown): Gpt2Error {
  return new Gpt2Error(
    'unsupported',
    `${parameter.name}, ${name} in GGUF, has a weight that is infinite, not a number (NaN), or too large for ${type}`,
    { cause },
  );
}
