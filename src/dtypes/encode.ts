import type { Parameter } from '../architecture/gpt2/parameters.js';
import { areFinite } from '../base/finite.js';
import { BLOCK_SIZES } from './tensor_types.js';
import { toHalf } from './to_half.js';

/** Formats that weights are written in. */
export type WrittenType = 'F32' | 'F16' | 'Q8_0' | 'Q4_0';

/** Some rows of a matrix, in f32. */
export interface MatrixRows {
  readonly parameter: Parameter;
  readonly rows: number;
  /** [rows, columns] as the parameter is stored: [in, out] for `conv1d`, [out, in] for `linear`. */
  readonly values: Float32Array<ArrayBuffer>;
}

/** Quantizes the rows of a matrix into blocks. */
export interface BlockEncoder {
  /**
   * Writes the blocks of each output, the first from out[at] on, each `rowBytes` bytes after the one before.
   * The inputs in `rows` must be whole blocks. Throws `invalid-file` for a number that is not finite,
   * `unsupported` for one that is too large for the type.
   */
  encode(rows: MatrixRows, out: Uint8Array<ArrayBuffer>, at: number, rowBytes: number): void;
}

/**
 * Writes numbers in a type from out[at] on, little-endian. Returns false if one of them is NaN, infinite or
 * too large for half precision.
 */
export function encode(type: 'F32' | 'F16', x: Float32Array, out: Uint8Array, at: number): boolean {
  if (type === 'F16') return encodeF16(x, out, at);
  out.set(new Uint8Array(x.buffer, x.byteOffset, x.byteLength), at);
  return areFinite(x);
}

function encodeF16(x: Float32Array, out: Uint8Array, at: number): boolean {
  let fits = true;
  for (let i = 0; i < x.length; i++) {
    const bits = toHalf(x[i]!);
    if ((bits & 0x7c00) === 0x7c00) fits = false;
    out[at + 2 * i] = bits;
    out[at + 2 * i + 1] = bits >>> 8;
  }
  return fits;
}

/** Whether stored numbers, or the scales of stored blocks, are finite. */
export function areStoredFinite(type: WrittenType, bytes: Uint8Array): boolean {
  const stride = BLOCK_SIZES[type].bytes;
  for (let at = 0; at < bytes.length; at += stride) {
    const exponentIsFull =
      type === 'F32'
        ? (bytes[at + 3]! & 0x7f) === 0x7f && bytes[at + 2]! >= 0x80
        : (bytes[at + 1]! & 0x7c) === 0x7c;
    if (exponentIsFull) return false;
  }
  return true;
}
