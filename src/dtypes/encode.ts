import type { Parameter } from '../architecture/gpt2/parameters.js';
import { areFinite } from '../base/finite.js';
import { BLOCK_SIZES } from './tensor_types.js';

/** Number formats that weights are written in. */
export type WrittenType = 'F32' | 'F16' | 'Q8_0' | 'Q4_0';

/** Added and taken off again, it leaves the nearest whole number, ties to even. */
const TO_WHOLE = 1.5 * 2 ** 52;

const f32 = new Float32Array(1);
const f32Bits = new Uint32Array(f32.buffer);

/** Whole row groups of a matrix, decoded. */
export interface MatrixRows {
  readonly parameter: Parameter;
  readonly rows: number;
  /** [rows, columns] as the parameter is stored: [in, out] for `conv1d`, [out, in] for `linear`. */
  readonly values: Float32Array<ArrayBuffer>;
}

/** Makes the blocks of a quantized type. */
export interface BlockEncoder {
  /**
   * Writes the blocks of each output from out[at] on, `rowBytes` bytes apart; the inputs in `rows` are whole blocks.
   * Throws `invalid-file` for a number that is not finite, `unsupported` for one that is too large for the type.
   */
  encode(rows: MatrixRows, out: Uint8Array<ArrayBuffer>, at: number, rowBytes: number): void;
}

/**
 * Encodes numbers and writes the bytes from out[at] on. False if the type cannot hold one of them: NaN, an infinity, or
 * a number beyond half precision.
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

/** The bits of the half-precision number nearest to an f32, ties to even. */
export function toHalf(value: number): number {
  f32[0] = value;
  const sign = (f32Bits[0]! >>> 16) & 0x8000;
  const magnitude = f32Bits[0]! & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  // Below 2^-14 halves are multiples of 2^-24.
  if (magnitude < 0x38800000) return sign | (Math.abs(f32[0]!) * 2 ** 24 + TO_WHOLE - TO_WHOLE);
  const rebiased = magnitude - 0x38000000;
  return sign | ((rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13);
}
