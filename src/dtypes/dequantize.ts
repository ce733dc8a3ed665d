import { BLOCK_SIZES, type BlockType } from './tensor_types.js';

/*
 * The block formats of ggml (https://github.com/ggml-org/ggml, ggml-common.h and ggml-quants.c).
 * Scales (d) and minimums (m) are half-precision; q are the stored integers of a block, low nibbles first.
 */

type BlockDecoder = (bytes: Uint8Array, block: number, out: Float32Array, at: number) => void;

const DECODERS: Readonly<Record<BlockType, BlockDecoder>> = {
  Q4_0: decodeQ4_0,
  Q4_1: decodeQ4_1,
  Q5_0: decodeQ5_0,
  Q5_1: decodeQ5_1,
  Q8_0: decodeQ8_0,
  Q4_K: decodeQ4_K,
  Q5_K: decodeQ5_K,
  Q6_K: decodeQ6_K,
};

/** Decodes whole blocks into f32, one number for each weight of `bytes`. */
export function dequantize(type: BlockType, bytes: Uint8Array, out: Float32Array): void {
  const size = BLOCK_SIZES[type];
  const decode = DECODERS[type];
  for (let block = 0, at = 0; block < bytes.length; block += size.bytes, at += size.weights) {
    decode(bytes, block, out, at);
  }
}

/** 2^(e - 25) for each exponent field e: what a unit of the 11-bit significand is worth. */
const HALF_UNITS = Float64Array.from({ length: 32 }, (_, exponent) => 2 ** (exponent - 25));

/** The half-precision number at bytes[at], exactly. */
export function half(bytes: Uint8Array, at: number): number {
  const bits = bytes[at]! | (bytes[at + 1]! << 8);
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  let magnitude: number;
  if (exponent === 0) magnitude = fraction * HALF_UNITS[1]!;
  else if (exponent === 31) magnitude = fraction === 0 ? Infinity : Number.NaN;
  else magnitude = (1024 + fraction) * HALF_UNITS[exponent]!;
  return bits & 0x8000 ? -magnitude : magnitude;
}

/** d (q - 8), q of 4 bits: d, 16 bytes of q and q of the weight 16 later. */
function decodeQ4_0(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
  const d = half(bytes, block);
  const quants = block + 2;
  for (let i = 0; i < 16; i++) {
    const pair = bytes[quants + i]!;
    out[at + i] = d * ((pair & 15) - 8);
    out[at + i + 16] = d * ((pair >> 4) - 8);
  }
}

/** d q + m, q of 4 bits: d, m, then as Q4_0. */
function decodeQ4_1(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
  const d = half(bytes, block);
  const m = half(bytes, block + 2);
  const quants = block + 4;
  for (let i = 0; i < 16; i++) {
    const pair = bytes[quants + i]!;
    out[at + i] = d * (pair & 15) + m;
    out[at + i + 16] = d * (pair >> 4) + m;
  }
}

/** d (q - 16), q of 5 bits: d, the 32 fifth bits, then the low bits as Q4_0. */
function decodeQ5_0(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
  const d = half(bytes, block);
  const high = fifthBits(bytes, block + 2);
  const quants = block + 6;
  for (let i = 0; i < 16; i++) {
    const pair = bytes[quants + i]!;
    out[at + i] = d * (((pair & 15) | (((high >>> i) & 1) << 4)) - 16);
    out[at + i + 16] = d * (((pair >> 4) | (((high >>> (i + 16)) & 1) << 4)) - 16);
  }
}

/** d q + m, q of 5 bits: d, m, then as Q5_0. */
function decodeQ5_1(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
  const d = half(bytes, block);
  const m = half(bytes, block + 2);
  const high = fifthBits(bytes, block + 4);
  const quants = block + 8;
  for (let i = 0; i < 16; i++) {
    const pair = bytes[quants + i]!;
    out[at + i] = d * ((pair & 15) | (((high >>> i) & 1) << 4)) + m;
    out[at + i + 16] = d * ((pair >> 4) | (((high >>> (i + 16)) & 1) << 4)) + m;
  }
}

function fifthBits(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** d q, q a signed byte: d, 32 q. */
function decodeQ8_0(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
  const d = half(bytes, block);
  const quants = block + 2;
  for (let i = 0; i < 32; i++) out[at + i] = d * signed(bytes[quants + i]!);
}

function signed(byte: number): number {
  return (byte << 24) >> 24;
}

/** The 6-bit scale of sub-block j (0 to 7) in the 12 bytes that pack the scales and minimums of a K block. */
function kScale(bytes: Uint8Array, packed: number, j: number): number {
  if (j < 4) return bytes[packed + j]! & 63;
  return (bytes[packed + j + 4]! & 15) | ((bytes[packed + j - 4]! >> 6) << 4);
}

/** The 6-bit minimum of sub-block j. */
function kMinimum(bytes: Uint8Array, packed: number, j: number): number {
  if (j < 4) return bytes[packed + j + 4]! & 63;
  return (bytes[packed + j + 4]! >> 4) | ((bytes[packed + j]! >> 6) << 4);
}

/** d s q - m t in 8 sub-blocks of 32, s and t of 6 bits, q of 4: d, m, 12 bytes of s and t, 128 of q. */
function decodeQ4_K(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
  const d = half(bytes, block);
  const m = half(bytes, block + 2);
  const packed = block + 4;
  for (let pair = 0; pair < 4; pair++) {
    const scale0 = d * kScale(bytes, packed, 2 * pair);
    const scale1 = d * kScale(bytes, packed, 2 * pair + 1);
    const minimum0 = m * kMinimum(bytes, packed, 2 * pair);
    const minimum1 = m * kMinimum(bytes, packed, 2 * pair + 1);
    const quants = block + 16 + 32 * pair;
    const o = at + 64 * pair;
    for (let i = 0; i < 32; i++) {
      const nibbles = bytes[quants + i]!;
      out[o + i] = scale0 * (nibbles & 15) - minimum0;
      out[o + i + 32] = scale1 * (nibbles >> 4) - minimum1;
    }
  }
}

/** As Q4_K with a fifth bit of q: bit j of the 32 bytes after s and t belongs to sub-block j. */
function decodeQ5_K(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
  const d = half(bytes, block);
  const m = half(bytes, block + 2);
  const packed = block + 4;
  const fifth = block + 16;
  for (let pair = 0; pair < 4; pair++) {
    const scale0 = d * kScale(bytes, packed, 2 * pair);
    const scale1 = d * kScale(bytes, packed, 2 * pair + 1);
    const minimum0 = m * kMinimum(bytes, packed, 2 * pair);
    const minimum1 = m * kMinimum(bytes, packed, 2 * pair + 1);
    const quants = block + 48 + 32 * pair;
    const o = at + 64 * pair;
    for (let i = 0; i < 32; i++) {
      const nibbles = bytes[quants + i]!;
      const bits = bytes[fifth + i]! >> (2 * pair);
      out[o + i] = scale0 * ((nibbles & 15) | ((bits & 1) << 4)) - minimum0;
      out[o + i + 32] = scale1 * ((nibbles >> 4) | ((bits & 2) << 3)) - minimum1;
    }
  }
}

/** d s (q - 32) in 16 sub-blocks of 16, s a signed byte, q of 6 bits: 128 bytes of low, 64 of high bits, 16 s, d. */
function decodeQ6_K(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
  const d = half(bytes, block + 208);
  for (let part = 0; part < 2; part++) {
    const low = block + 64 * part;
    const high = block + 128 + 32 * part;
    for (let group = 0; group < 2; group++) {
      const scales = block + 192 + 8 * part + group;
      const scale0 = d * signed(bytes[scales]!);
      const scale1 = d * signed(bytes[scales + 2]!);
      const scale2 = d * signed(bytes[scales + 4]!);
      const scale3 = d * signed(bytes[scales + 6]!);
      const o = at + 128 * part;
      for (let i = 16 * group; i < 16 * group + 16; i++) {
        const near = bytes[low + i]!;
        const far = bytes[low + i + 32]!;
        const bits = bytes[high + i]!;
        out[o + i] = scale0 * (((near & 15) | ((bits & 3) << 4)) - 32);
        out[o + i + 32] = scale1 * (((far & 15) | ((bits & 12) << 2)) - 32);
        out[o + i + 64] = scale2 * (((near >> 4) | (bits & 48)) - 32);
        out[o + i + 96] = scale3 * (((far >> 4) | ((bits & 192) >> 2)) - 32);
      }
    }
  }
}
