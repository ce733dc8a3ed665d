import { type Parameter, rowGroup } from '../../architecture/gpt2/parameters.js';
import { READ_CHUNK_BYTES } from '../../checkpoints/load_weights.js';

/** Some rows of a weight. */
export interface Rows {
  readonly firstRow: number;
  readonly count: number;
}

/**
 * Splits a weight's rows into pieces of whole row groups of at most `READ_CHUNK_BYTES`, but of at least one
 * group.
 */
export function* rowPieces(parameter: Parameter): Generator<Rows> {
  const rows = parameter.kind === 'vector' ? 1 : parameter.shape[0]!;
  const group = rowGroup(parameter.kind);
  const rowBytes = 4 * parameter.shape.at(-1)!;
  const most = Math.max(1, Math.floor(READ_CHUNK_BYTES / rowBytes / group)) * group;
  for (let firstRow = 0; firstRow < rows; firstRow += most) {
    yield { firstRow, count: Math.min(most, rows - firstRow) };
  }
}

/** The bytes of an array, without a copy: little-endian, as in every runtime that has WebAssembly. */
export function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
