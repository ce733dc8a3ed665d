import type { RgbImage } from './rgb_image.js';

/** An image turned upright, given the orientation of its EXIF data, 1 to 8. Other values change nothing. */
export function upright(image: RgbImage, orientation: number): RgbImage {
  const { width, height, rgb } = image;
  // Number of the pixel that becomes the first one, and the steps to its right and lower neighbours.
  const steps = {
    2: [width - 1, -1, width],
    3: [width * height - 1, -1, -width],
    4: [width * (height - 1), 1, -width],
    5: [0, width, 1],
    6: [width * (height - 1), -width, 1],
    7: [width * height - 1, -width, -1],
    8: [width - 1, width, -1],
  }[orientation];
  if (steps === undefined) return image;
  const [first, right, down] = steps as [number, number, number];
  const turned = orientation >= 5 ? { width: height, height: width } : { width, height };
  const out = new Uint8Array(rgb.length);
  let to = 0;
  for (let y = 0; y < turned.height; y++) {
    let from = (first + y * down) * 3;
    for (let x = 0; x < turned.width; x++) {
      out[to++] = rgb[from]!;
      out[to++] = rgb[from + 1]!;
      out[to++] = rgb[from + 2]!;
      from += right * 3;
    }
  }
  return { ...turned, rgb: out };
}
