import { checkPixels, MAX_PIXELS, type RgbImage } from '../images/rgb_image.js';
import { centerCrop } from './crop.js';
import type { PixelPlan } from './pixel_plan.js';
import { resize } from './resize.js';
import { resizedSize } from './sizes.js';

/** The numbers that a vision encoder takes. */
export interface PixelValues {
  readonly width: number;
  readonly height: number;
  /** All red values, then all green, then all blue ones, each row by row: 3 * height * width numbers. */
  readonly data: Float32Array;
}

/**
 * Makes of an image the numbers that transformers' image processors on Pillow make of it, bit by bit. Throws
 * `unsupported` if the resized image had more than 89,478,485 pixels, as very long and narrow images.
 */
export function preprocess(image: RgbImage, plan: PixelPlan): PixelValues {
  const { width, height, rgb } = cropped(resized(image, plan), plan);
  const pixels = width * height;
  const data = new Float32Array(3 * pixels);
  for (let channel = 0; channel < 3; channel++) {
    const values = channelValues(plan, channel);
    for (let i = 0, from = channel; i < pixels; i++, from += 3)
      data[channel * pixels + i] = values[rgb[from]!]!;
  }
  return { width, height, data };
}

function resized(image: RgbImage, plan: PixelPlan): RgbImage {
  if (plan.resize === undefined) return image;
  const { width, height } = resizedSize(image, plan.resize.to);
  checkPixels(width, height, MAX_PIXELS);
  return resize(image, width, height, plan.resize.resample);
}

function cropped(image: RgbImage, { crop }: PixelPlan): RgbImage {
  return crop === undefined ? image : centerCrop(image, crop.width, crop.height);
}

/** The number for each byte of a channel, rounded to 32 bits after each step as NumPy does. */
function channelValues({ scale, normalize }: PixelPlan, channel: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, byte) => {
    const scaled = Math.fround(scale === undefined ? byte : byte * scale);
    if (normalize === undefined) return scaled;
    const mean = Math.fround(normalize.mean[channel]!);
    return Math.fround(scaled - mean) / Math.fround(normalize.std[channel]!);
  });
}
