import type { Bytes } from '../../base/bytes.js';
import { Gpt2Error } from '../../base/errors.js';
import type { ImageKind } from './image_kind.js';
import { checkPixels, type RgbImage } from './rgb_image.js';
import { unblended } from './unblended.js';
import { withoutAlpha } from './without_alpha.js';

/** Whether this is a page or a worker of one, which can decode images and draw them. */
export function canDecodeInBrowser(): boolean {
  return typeof createImageBitmap === 'function' && typeof OffscreenCanvas === 'function';
}

/** Decodes a file of a format that the browser knows. Throws `unsupported` if it knows it not. */
export async function browserImage(bytes: Bytes, kind: ImageKind, maxPixels: number): Promise<RgbImage> {
  const bitmap = await decoded(bytes, kind);
  try {
    const { width, height } = bitmap;
    checkPixels(width, height, maxPixels);
    const data = unblended(bitmap);
    return data === undefined
      ? drawnImage(bitmap, width, height, maxPixels)
      : withoutAlpha({ width, height, data }, 4);
  } finally {
    bitmap.close();
  }
}

async function decoded(bytes: Bytes, kind: ImageKind): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(new Blob([bytes]), {
      colorSpaceConversion: 'none',
      premultiplyAlpha: 'none',
      imageOrientation: 'from-image',
    });
  } catch (cause) {
    throw new Gpt2Error('unsupported', `this browser cannot decode the image, a ${kind} file`, { cause });
  }
}

/** The pixels of what a canvas can draw. Throws `invalid-option` if it may not be read, as images of other sites. */
export function drawnImage(
  drawable: CanvasImageSource,
  width: number,
  height: number,
  maxPixels: number,
): RgbImage {
  checkPixels(width, height, maxPixels);
  if (typeof OffscreenCanvas !== 'function') throw noCanvas();
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw noCanvas();
  try {
    context.drawImage(drawable, 0, 0, width, height);
    return withoutAlpha(context.getImageData(0, 0, width, height), 4);
  } catch (cause) {
    const { message } = cause as Error;
    throw new Gpt2Error('invalid-option', `the image cannot be read: ${message}`, { cause });
  }
}

function noCanvas(): Gpt2Error {
  return new Gpt2Error(
    'runtime',
    'there is no canvas here to read an image from; give the bytes of its file',
  );
}
