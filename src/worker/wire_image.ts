import { isBlob } from '../base/realms.js';
import type { ImageInput } from '../vision/images/image_input.js';

/** An image as it is sent to the worker: elements and canvases of a page are read here. */
export async function wireImage(image: ImageInput): Promise<ImageInput> {
  const isPlain =
    typeof image !== 'object' ||
    image === null ||
    isBlob(image) ||
    Object.prototype.toString.call(image) === '[object ArrayBuffer]' ||
    ArrayBuffer.isView(image) ||
    'data' in image ||
    'rgb' in image;
  if (isPlain) return image;
  // Loaded on demand, since most images are files.
  const { readImage } = await import('../vision/images/image_input.js');
  return readImage(image);
}
