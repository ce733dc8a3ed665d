import type { Bytes } from '../../base/bytes.js';

/** Formats of image files by their first bytes; `.` stands for any byte. */
const SIGNATURES = [
  ['PNG', '\x89PNG\r\n\x1a\n'],
  ['JPEG', '\xff\xd8\xff'],
  ['GIF', 'GIF8'],
  ['WebP', 'RIFF....WEBP'],
  ['AVIF', '....ftypavi'],
  ['HEIC', '....ftyphei'],
  ['HEIC', '....ftypmif1'],
  ['BMP', 'BM'],
  ['TIFF', 'II*\0'],
  ['TIFF', 'MM\0*'],
  ['ICO', '\0\0\x01\0'],
  ['JPEG XL', '\xff\x0a'],
  ['JPEG XL', '\0\0\0\x0cJXL '],
] as const;

/** A format of image files. */
export type ImageKind = (typeof SIGNATURES)[number][0];

/** The format of an image file; `undefined` if it is none of those that are told apart. */
export function imageKind(bytes: Bytes): ImageKind | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 16));
  const found = SIGNATURES.find(([, signature]) =>
    [...signature].every((letter, i) => letter === '.' || letter === start[i]),
  );
  return found?.[0];
}
