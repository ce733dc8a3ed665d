import { half } from './dequantize.js';

/** Number formats that weights are written in. */
export type WrittenType = 'F32' | 'F16' | 'Q8_0' | 'Q4_0';

/** Largest finite half-precision number. */
const LARGEST_HALF = 65504;
/** Weights under one scale. */
const BLOCK = 32;
/** Added and taken off again, it leaves the nearest whole number, ties to even. */
const TO_WHOLE = 1.5 * 2 ** 52;

const f32 = new Float32Array(1);
const f32Bits = new Uint32Array(f32.buffer);

/**
 * Encodes `count` numbers from x[from] on, whole blocks of them, and writes the bytes from out[at] on. False where
 * the type cannot hold one of them: an infinity, or a number or scale beyond half precision.
 */
export function encode(
  type: WrittenType,
  x: Float32Array,
  from: number,
  count: number,
  out: Uint8Array,
  at: number,
): boolean {
  switch (type) {
    case 'F32':
      out.set(new Uint8Array(x.buffer, x.byteOffset + 4 * from, 4 * count), at);
      return true;
    case 'F16':
      return encodeF16(x, from, count, out, at);
    case 'Q8_0':
      return encodeBlocks(encodeQ8_0, 34, x, from, count, out, at);
    case 'Q4_0':
      return encodeBlocks(encodeQ4_0, 18, x, from, count, out, at);
  }
}

function encodeF16(x: Float32Array, from: number, count: number, out: Uint8Array, at: number): boolean {
  let fits = true;
  for (let i = 0; i < count; i++) {
    const bits = toHalf(x[from + i]!);
    if ((bits & 0x7c00) === 0x7c00) fits = false;
    out[at + 2 * i] = bits;
    out[at + 2 * i + 1] = bits >>> 8;
  }
  return fits;
}

/** Writes the block of the 32 numbers from x[from] on; see `encode`. */
type BlockEncoder = (x: Float32Array, from: number, out: Uint8Array, at: number) => boolean;

function encodeBlocks(
  encodeBlock: BlockEncoder,
  blockBytes: number,
  x: Float32Array,
  from: number,
  count: number,
  out: Uint8Array,
  at: number,
): boolean {
  let fits = true;
  for (let i = 0; i < count; i += BLOCK) {
    if (!encodeBlock(x, from + i, out, at + (i / BLOCK) * blockBytes)) fits = false;
  }
  return fits;
}

/** Q8_0 as the core packs q8: scale = largest magnitude / 127, then the nearest multiples of the rounded scale. */
function encodeQ8_0(x: Float32Array, from: number, out: Uint8Array, at: number): boolean {
  let largest = 0;
  for (let i = 0; i < BLOCK; i++) largest = Math.max(largest, Math.abs(x[from + i]!));
  const scale = writeScale(largest / 127, out, at);
  for (let i = 0; i < BLOCK; i++) {
    const multiple = Math.fround(x[from + i]! / scale);
    out[at + 2 + i] = Math.max(-127, Math.min(127, multiple)) + TO_WHOLE - TO_WHOLE;
  }
  return largest <= 127 * LARGEST_HALF;
}

/**
 * Q4_0: d = the number of largest magnitude / -8, so that this one is exact, and q = x / d + 8 to the nearest, at
 * most 15. Source: quantize_row_q4_0_ref of https://github.com/ggml-org/ggml, ggml-quants.c.
 */
function encodeQ4_0(x: Float32Array, from: number, out: Uint8Array, at: number): boolean {
  let largest = 0;
  let magnitude = 0;
  for (let i = 0; i < BLOCK; i++) {
    const value = x[from + i]!;
    if (Math.abs(value) > magnitude) largest = value;
    magnitude = Math.max(magnitude, Math.abs(value));
  }
  const d = Math.fround(largest / -8);
  writeScale(d, out, at);
  const inverse = d === 0 ? 0 : Math.fround(1 / d);
  const quant = (value: number) => Math.min(15, Math.fround(Math.fround(value * inverse) + 8.5) | 0);
  for (let i = 0; i < BLOCK / 2; i++) {
    out[at + 2 + i] = quant(x[from + i]!) | (quant(x[from + i + BLOCK / 2]!) << 4);
  }
  return magnitude <= 8 * LARGEST_HALF;
}

/** Writes a scale in half precision and returns its value. */
function writeScale(scale: number, out: Uint8Array, at: number): number {
  const bits = toHalf(scale);
  out[at] = bits;
  out[at + 1] = bits >>> 8;
  return half(out, at);
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
