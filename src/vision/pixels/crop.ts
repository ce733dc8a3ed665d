import type { RgbImage } from '../images/rgb_image.js';

/**
 * The middle of an image, as `center_crop` of transformers takes it: a smaller image gets black edges, a pixel
 * more above and on the left if they cannot be equal.
 */
export function centerCrop(image: RgbImage, width: number, height: number): RgbImage {
  const left = firstPixel(image.width, width);
  const top = firstPixel(image.height, height);
  const rgb = new Uint8Array(width * height * 3);
  const columns = Math.min(width, image.width);
  const toLeft = Math.max(0, -left);
  for (let y = 0; y < height; y++) {
    if (top + y < 0 || top + y >= image.height) continue;
    const from = ((top + y) * image.width + Math.max(0, left)) * 3;
    rgb.set(image.rgb.subarray(from, from + columns * 3), (y * width + toLeft) * 3);
  }
  return { width, height, rgb };
}

/** Position of the first pixel of the crop; below 0 if the edge of the image is within the crop. */
export function firstPixel(size: number, crop: number): number {
  return Math.floor((size - crop) / 2);
}
