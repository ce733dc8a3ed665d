import { DECODERS } from './dequantize.js';
import { fromHalf } from './from_half.js';
import { decodeQ2_K, decodeQ3_K, decodeQ4_K, decodeQ5_K, decodeQ6_K } from './k_quants.js';
import { BLOCK_SIZES, type RareBlockType } from './tensor_types.js';

// Block formats that are rarer than those of dequantize.ts. Importing this file adds them to the tables, so that
// a page loads them only for such a file.

Object.assign(BLOCK_SIZES, {
  Q2_K: { weights: 256, bytes: 84, number: 10 },
  Q3_K: { weights: 256, bytes: 110, number: 11 },
  Q4_K: { weights: 256, bytes: 144, number: 12 },
  Q5_K: { weights: 256, bytes: 176, number: 13 },
  Q6_K: { weights: 256, bytes: 210, number: 14 },
  IQ4_NL: { weights: 32, bytes: 18, number: 20 },
  IQ4_XS: { weights: 256, bytes: 136, number: 23 },
  MXFP4: { weights: 32, bytes: 17, number: 39 },
} satisfies Record<RareBlockType, object>);

Object.assign(DECODERS, {
  Q2_K: decodeQ2_K,
  Q3_K: decodeQ3_K,
  Q4_K: decodeQ4_K,
  Q5_K: decodeQ5_K,
  Q6_K: decodeQ6_K,
  IQ4_NL: decodeIQ4_NL,
  IQ4_XS: decodeIQ4_XS,
  MXFP4: decodeMXFP4,
} satisfies Record<RareBlockType, object>);

/** The 16 levels of IQ4 in units of d, by q. */
const IQ4_LEVELS = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
/** Twice the 16 numbers of 4 bits with 2 bits of exponent and 1 of fraction (E2M1). */
const E2M1_DOUBLED = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

/** Writes 32 weights: `scale` times the levels of the 16 bytes from bytes[quants] on. */
function decodeLevels(
  levels: readonly number[],
  scale: number,
  bytes: Uint8Array,
  quants: number,
  out: Float32Array,
  at: number,
): void {
  for (let i = 0; i < 16; i++) {
    const pair = bytes[quants + i]!;
    out[at + i] = scale * levels[pair & 15]!;
    out[at + i + 16] = scale * levels[pair >> 4]!;
  }
}

/** d level(q): d, 16 bytes of q. */
function decodeIQ4_NL(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
  decodeLevels(IQ4_LEVELS, fromHalf(bytes, block), bytes, block + 2, out, at);
}

/**
 * d (s - 32) level(q) in 8 sub-blocks of 32 weights, s of 6 bits: d, 2 bytes with the two high bits of each s,
 * 4 bytes with its low bits, 128 bytes of q.
 */
function decodeIQ4_XS(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
  const d = fromHalf(bytes, block);
  const high = bytes[block + 2]! | (bytes[block + 3]! << 8);
  for (let j = 0; j < 8; j++) {
    const low = (bytes[block + 4 + (j >> 1)]! >> (4 * (j & 1))) & 15;
    const s = low | (((high >> (2 * j)) & 3) << 4);
    decodeLevels(IQ4_LEVELS, d * (s - 32), bytes, block + 8 + 16 * j, out, at + 32 * j);
  }
}

/** 2^(e - 127) q, q a number of 4 bits (E2M1): e, 16 bytes of q. For e = 255 ggml computes 2^128 too. */
function decodeMXFP4(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
  decodeLevels(E2M1_DOUBLED, 2 ** (bytes[block]! - 128), bytes, block + 1, out, at);
}
