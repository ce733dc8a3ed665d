import { checkNumber, whole } from '../../base/check_number.js';
import { Gpt2Error } from '../../base/errors.js';
import { withinMemory } from '../../base/memory_error.js';
import { drawnImage } from './browser_image.js';
import { checkedMaxPixels, type DecodeImageOptions, decodeImage, type ImageBytes } from './decode_image.js';
import { checkPixels, type RgbImage } from './rgb_image.js';
import { type RawPixels, withoutAlpha } from './without_alpha.js';

/** A thing that a page can draw: an image or video element, whose present frame counts, a canvas, a bitmap or a frame. */
export type Drawable =
  | HTMLImageElement
  | HTMLVideoElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | ImageBitmap
  | VideoFrame;

/**
 * An image: the bytes of a PNG or JPEG file, in pages also of other formats; a decoded image; pixels, as ImageData has
 * them; in pages, anything that can be drawn. Alpha is dropped.
 */
export type ImageInput = ImageBytes | RgbImage | RawPixels | Drawable;

/** Classes of drawables, with the properties that hold their sizes in pixels. */
const DRAWABLES: Readonly<Record<string, readonly [width: string, height: string]>> = {
  HTMLImageElement: ['naturalWidth', 'naturalHeight'],
  HTMLVideoElement: ['videoWidth', 'videoHeight'],
  HTMLCanvasElement: ['width', 'height'],
  OffscreenCanvas: ['width', 'height'],
  ImageBitmap: ['width', 'height'],
  VideoFrame: ['displayWidth', 'displayHeight'],
};

/**
 * The pixels of an image. A decoded image is taken as it is, and not copied. Throws as `decodeImage`, and
 * `invalid-option` for pixels of a wrong length and for elements that have not loaded, `out-of-memory`.
 */
export function readImage(image: ImageInput, options: DecodeImageOptions = {}): Promise<RgbImage> {
  return withinMemory(rgbOf(image, options));
}

async function rgbOf(image: ImageInput, options: DecodeImageOptions): Promise<RgbImage> {
  if (typeof image !== 'object' || image === null) return decodeImage(image, options);
  const size = DRAWABLES[Object.prototype.toString.call(image).slice('[object '.length, -1)];
  if (size !== undefined) return drawn(image as Drawable, size, checkedMaxPixels(options));
  if (!('width' in image && 'height' in image)) return decodeImage(image as ImageBytes, options);
  const { width, height } = image as RgbImage;
  checkNumber('width of the image', width, whole(1));
  checkNumber('height of the image', height, whole(1));
  checkPixels(width, height, checkedMaxPixels(options));
  if ('rgb' in image) {
    checkLength(image.rgb, width * height, [3]);
    return image;
  }
  const pixels = image as RawPixels;
  const channels = checkLength(pixels.data, width * height, [1, 3, 4]);
  return withoutAlpha(pixels, channels);
}

/** The bytes of a pixel. Throws `invalid-option` for data that is no bytes or has not `channels` bytes a pixel. */
function checkLength(data: unknown, pixels: number, channels: readonly number[]): number {
  const isBytes = /^\[object Uint8(Clamped)?Array\]$/.test(Object.prototype.toString.call(data));
  const length = isBytes ? (data as Uint8Array).length : undefined;
  const found = channels.find((count) => count * pixels === length);
  if (found !== undefined) return found;
  const right = channels.map((count) => count * pixels).join(', ');
  const what = length === undefined ? 'no Uint8Array' : `${length} bytes`;
  throw new Gpt2Error('invalid-option', `the pixels of the image are ${what}; they must be ${right} bytes`);
}

function drawn(image: Drawable, [width, height]: readonly [string, string], maxPixels: number): RgbImage {
  const sizes = image as unknown as Record<string, number>;
  if (sizes[width] === 0 || sizes[height] === 0) {
    throw new Gpt2Error('invalid-option', 'the image has no pixels yet; wait until it has loaded');
  }
  return drawnImage(image, sizes[width]!, sizes[height]!, maxPixels);
}
