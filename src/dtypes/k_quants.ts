import { signed } from './dequantize.js';
import { fromHalf } from './from_half.js';

// ggml's K-quants, in blocks of 256 weights. Each comment has the formula of a weight, then the layout of a
// block, as in dequantize.ts.

/**
 * d s q - m t in 16 sub-blocks of 16 weights, s and t of 4 bits, q of 2: 16 bytes of s and t, 64 bytes of q,
 * d, m. 32 bytes of q hold 128 weights: bits 2 j and 2 j + 1 those from 32 j on.
 */
export function decodeQ2_K(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
  const d = fromHalf(bytes, block + 80);
  const m = fromHalf(bytes, block + 82);
  for (let j = 0; j < 16; j++) {
    const pair = bytes[block + j]!;
    const scale = d * (pair & 15);
    const minimum = m * (pair >> 4);
    const quants = block + 16 + quantsOf(j);
    for (let i = 0; i < 16; i++) {
      out[at + 16 * j + i] = scale * ((bytes[quants + i]! >> shiftOf(j)) & 3) - minimum;
    }
  }
}

/**
 * d (s - 32) (q - 4) in 16 sub-blocks of 16 weights, s of 6 bits, q of 3: 32 bytes with the high bits of q,
 * in bit j those of weights from 32 j on; 64 bytes of low bits as in Q2_K; 12 bytes of s; d.
 */
export function decodeQ3_K(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
  const d = fromHalf(bytes, block + 108);
  const packed = block + 96;
  for (let j = 0; j < 16; j++) {
    const low = (bytes[packed + (j & 7)]! >> (j < 8 ? 0 : 4)) & 15;
    const s = low | (((bytes[packed + 8 + (j & 3)]! >> (2 * (j >> 2))) & 3) << 4);
    const scale = d * (s - 32);
    const quants = block + 32 + quantsOf(j);
    const highs = block + 16 * (j & 1);
    for (let i = 0; i < 16; i++) {
      const high = (bytes[highs + i]! >> (j >> 1)) & 1;
      out[at + 16 * j + i] = scale * (((bytes[quants + i]! >> shiftOf(j)) & 3) - (high ? 0 : 4));
    }
  }
}

/** The first byte, and the bits in it, of the 2-bit numbers of sub-block j in Q2_K and Q3_K. */
const quantsOf = (j: number) => 32 * (j >> 3) + 16 * (j & 1);
const shiftOf = (j: number) => 2 * ((j >> 1) & 3);

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
export function decodeQ4_K(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
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
export function decodeQ5_K(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
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
export function decodeQ6_K(bytes: Uint8Array, block: number, out: Float32Array, at: number): void {
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
