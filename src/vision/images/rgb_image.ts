import { Gpt2Error } from '../../base/errors.js';

/** A decoded image without transparency. */
export interface RgbImage {
  /** Pixels of a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Red, green and blue of each pixel, row by row from the top: 3 * width * height bytes. */
  readonly rgb: Uint8Array;
}

/** Most pixels of an image by default: Pillow warns above this number, whose RGB fills a quarter of a GiB. */
export const MAX_PIXELS = 89_478_485;

/** Longest edge of an image: decoders hold whole rows, of up to 8 bytes a pixel. */
const LONGEST = 2 ** 20;

/** Throws `invalid-file` for an empty image, `unsupported` for one of more pixels than the limit. */
export function checkPixels(width: number, height: number, maxPixels: number): void {
  if (width === 0 || height === 0) throw new Gpt2Error('invalid-file', 'the image has no pixels');
  if (Math.max(width, height) > LONGEST) {
    throw new Gpt2Error(
      'unsupported',
      `the image has ${width} x ${height} pixels, an edge of more than ${LONGEST}`,
    );
  }
  if (width * height > maxPixels) {
    throw new Gpt2Error(
      'unsupported',
      `the image has ${width} x ${height} pixels, more than maxPixels, ${maxPixels}`,
    );
  }
}
