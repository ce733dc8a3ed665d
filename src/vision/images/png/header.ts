import type { Bytes } from '../../../base/bytes.js';
import { Gpt2Error } from '../../../base/errors.js';

/** The kinds of pixels, by the number that the file has for them. */
export const GRAY = 0;
export const RGB = 2;
export const PALETTE = 3;
export const GRAY_ALPHA = 4;
export const RGB_ALPHA = 6;

/** For each kind of pixels: the samples of a pixel, and the bits that a sample may have. */
const KINDS: Readonly<Record<number, readonly [samples: number, depths: readonly number[]]>> = {
  [GRAY]: [1, [1, 2, 4, 8, 16]],
  [RGB]: [3, [8, 16]],
  [PALETTE]: [1, [1, 2, 4, 8]],
  [GRAY_ALPHA]: [2, [8, 16]],
  [RGB_ALPHA]: [4, [8, 16]],
};

/** The header of a PNG file. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** GRAY, RGB, PALETTE, GRAY_ALPHA or RGB_ALPHA. */
  readonly kind: number;
  readonly samples: number;
  readonly isInterlaced: boolean;
}

/** Reads the chunk IHDR. Throws `invalid-file`. */
export function readHeader(chunk: Bytes): PngHeader {
  if (chunk.length < 13) throw new Gpt2Error('invalid-file', 'the PNG has a header of less than 13 bytes');
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const [depth, kind, compression, filters, interlace] = chunk.subarray(8) as unknown as number[];
  const [samples, depths] = KINDS[kind!] ?? [0, []];
  if (!depths.includes(depth!)) {
    throw new Gpt2Error('invalid-file', `the PNG has pixels of kind ${kind} with ${depth} bits a sample`);
  }
  if (compression !== 0 || filters !== 0 || interlace! > 1) {
    throw new Gpt2Error('invalid-file', 'the PNG has an unknown compression, filter or interlace method');
  }
  return {
    ...{ width: view.getUint32(0), height: view.getUint32(4) },
    ...{ depth: depth!, kind: kind!, samples, isInterlaced: interlace === 1 },
  };
}
