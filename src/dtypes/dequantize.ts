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

export function signed(byte: number): number {
  return (byte << 24) >> 24;
}
