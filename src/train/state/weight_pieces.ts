import { type Parameter, rowGroup } from '../../architecture/gpt2/parameters.js';
import { READ_CHUNK_BYTES } from '../../checkpoints/load_weights.js';

/** Whole rows of a weight. */
export interface Rows {
  readonly firstRow: number;
  readonly count: number;
}

/** A weight's rows in whole row groups of at most `READ_CHUNK_BYTES`, or one group where that is longer. */
export function* rowPieces(parameter: Parameter): Generator<Rows> {
  const rows = parameter.kind === 'vector' ? 1 : parameter.shape[0]!;
  const group = rowGroup(parameter.kind);
  const rowBytes = 4 * parameter.shape.at(-1)!;
  const most = Math.max(1, Math.floor(READ_CHUNK_BYTES / rowBytes / group)) * group;
  for (let firstRow = 0; firstRow < rows; firstRow += most) {
    yield { firstRow, count: Math.min(most, rows - firstRow) };
  }
}

/** The bytes of numbers as they lie in memory, which is little-endian wherever WebAssembly runs. */
export function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
