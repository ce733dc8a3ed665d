import type { RgbImage } from './rgb_image.js';

/** Pixels with `channels` bytes each: 1 (gray), 3 (RGB) or 4 (RGBA, whose alpha is dropped). */
export interface RawPixels {
  /** Pixels of a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** The bytes of each pixel, row by row from the top. */
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** The red, green and blue of pixels, in memory of their own. */
export function withoutAlpha({ width, height, data }: RawPixels, channels: number): RgbImage {
  const rgb = new Uint8Array(width * height * 3);
  if (channels === 3) rgb.set(data);
  else {
    const [green, blue] = channels === 1 ? [0, 0] : [1, 2];
    for (let to = 0, from = 0; to < rgb.length; to += 3, from += channels) {
      rgb[to] = data[from]!;
      rgb[to + 1] = data[from + green]!;
      rgb[to + 2] = data[from + blue]!;
    }
  }
  return { width, height, rgb };
}
