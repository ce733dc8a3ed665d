import { fromHalf } from './from_half.js';
import { BLOCK_SIZES, type BlockType } from './tensor_types.js';

/*
 * The block formats of ggml (https://github.com/ggml-org/ggml, ggml-common.h and ggml-quants.c). Each comment
 * has the formula of a weight, then the layout of a block. d is the block's scale and m its minimum, in half
 * precision; q are its stored integers. In blocks of 32, byte i of q has the low bits of weight i and, in its
 * high nibble, of i + 16.
 */

type BlockDecoder = (bytes: Uint8Array, block: number, out: Float32Array, at: number) => void;

export const DECODERS = {
  Q4_0: decodeQ4_0,
  Q4_1: decodeQ4_1,
  Q5_0: decodeQ5_0,
  Q5_1: decodeQ5_1,
  Q8_0: decodeQ8_0,
  Q4_K: decodeQ4_K,
  Q5_K: decodeQ5_K,
  Q6_K: decodeQ6_K,
} as Readonly<Record<BlockType, BlockDecoder>>;

/** Decodes whole blocks of a type into f32. */
export function dequantize(type: BlockType, bytes: Uint8Array, out: Float32Array): void {
  const size = BLOCK_SIZES[type];
  const decode = DECODERS[type];
  for (let block = 0, at = 0; block < bytes.length; block += size.bytes, at += size.weights) {
    decode(bytes, block, out, at);
  }
}

/** d (q - 8), q of 4 bits: d, 16 bytes of q. */
function decodeQ4_0(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
  const d = fromHalf(bytes, block);
  const quants = block + 2;
  for (let i = 0; i < 16; i++) {
    const pair = bytes[quants + i]!;
    out[at + i] = d * ((pair & 15) - 8);
    out[at + i + 16] = d * ((pair >> 4) - 8);
  }
}

/** d q + m, q of 4 bits: d, m, 16 bytes of q. */
function decodeQ4_1(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
  const d = fromHalf(bytes, block);
  const m = fromHalf(bytes, block + 2);
  const quants = block + 4;
  for (let i = 0; i < 16; i++) {
    const pair = bytes[quants + i]!;
    out[at + i] = d * (pair & 15) + m;
    out[at + i + 16] = d * (pair >> 4) + m;
  }
}

/** d (q - 16), q of 5 bits: d, 4 bytes of fifth bits, 16 bytes of low bits. */
function decodeQ5_0(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
  const d = fromHalf(bytes, block);
  const high = fifthBits(bytes, block + 2);
  const quants = block + 6;
  for (let i = 0; i < 16; i++) {
    const pair = bytes[quants + i]!;
    out[at + i] = d * (((pair & 15) | (((high >>> i) & 1) << 4)) - 16);
    out[at + i + 16] = d * (((pair >> 4) | (((high >>> (i + 16)) & 1) << 4)) - 16);
  }
}

/** d q + m, q of 5 bits: d, m, 4 bytes of fifth bits, 16 bytes of low bits. */
function decodeQ5_1(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
  const d = fromHalf(bytes, block);
  const m = fromHalf(bytes, block + 2);
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

/** d q, q a signed byte: d, 32 bytes of q. */
function decodeQ8_0(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
  const d = fromHalf(bytes, block);
  const quants = block + 2;
  for (let i = 0; i < 32; i++) out[at + i] = d * signed(bytes[quants + i]!);
}

function signed(byte: number): number {
  return (byte << 24) >> 24;
}

/** The 6-bit scale s of sub-block j (0 to 7); 12 bytes from bytes[packed] on hold all s and t. */
function kScale(bytes: Uint8Array, packed: number, j: number): number {
  if (j < 4) return bytes[packed + j]! & 63;
  return (bytes[packed + j + 4]! & 15) | ((bytes[packed + j - 4]! >> 6) << 4);
}

/** The 6-bit minimum t of sub-block j. */
function kMinimum(bytes: Uint8Array, packed: number, j: number): number {
  if (j < 4) return bytes[packed + j + 4]! & 63;
  return (bytes[packed + j + 4]! >> 4) | ((bytes[packed + j]! >> 6) << 4);
}

/**
 * d s q - m t in 8 sub-blocks of 32 weights, s and t of 6 bits, q of 4: d, m, 12 bytes of s and t, 128 bytes
 * of q, of which each 32 hold two sub-blocks, one in the low nibbles and one in the high ones.
 */
function decodeQ4_K(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
  const d = fromHalf(bytes, block);
  const m = fromHalf(bytes, block + 2);
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

/** As Q4_K, but q of 5 bits: 32 bytes after s and t hold the fifth bits, in bit j those of sub-block j. */
function decodeQ5_K(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
  const d = fromHalf(bytes, block);
  const m = fromHalf(bytes, block + 2);
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

/**
 * d s (q - 32) in 16 sub-blocks of 16 weights, s a signed byte, q of 6 bits: 128 bytes of low bits, 64 of
 * high bits, 16 bytes of s, d.
 */
function decodeQ6_K(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
  const d = fromHalf(bytes, block + 208);
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
