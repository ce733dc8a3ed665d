import { asBytes, type Bytes } from '../../base/bytes.js';
import { checkNumber, whole } from '../../base/check_number.js';
import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { isBlob } from '../../base/realms.js';
import { browserImage, canDecodeInBrowser } from './browser_image.js';
import { type ImageKind, imageKind } from './image_kind.js';
import { decodeJpeg } from './jpeg/decode_jpeg.js';
import { decodePng } from './png/decode_png.js';
import { MAX_PIXELS, type RgbImage } from './rgb_image.js';

/** The bytes of an image file. */
export type ImageBytes = Blob | ArrayBuffer | ArrayBufferView;

/** Options of `decodeImage`. */
export interface DecodeImageOptions {
  /** Most pixels of an image, width times height. Default: 89,478,485, above which Pillow warns. */
  maxPixels?: number;
}

/**
 * Decodes an image file as `load_image` of transformers does: turned upright by its EXIF data, converted to RGB
 * without its alpha. PNG and JPEG become the same pixels in every runtime, those of Pillow; other formats are left
 * to the browser, where there is one.
 *
 * Throws `invalid-file` for a damaged file or one of no known format, `unsupported` for a format that cannot be
 * decoded here and for more pixels than `maxPixels`, `invalid-option` for other arguments.
 */
export async function decodeImage(image: ImageBytes, options: DecodeImageOptions = {}): Promise<RgbImage> {
  const maxPixels = checkedMaxPixels(options);
  const bytes = isBlob(image) ? await blobBytes(image) : asBytes(image);
  if (bytes === undefined) throw invalidOption('image', image, 'the bytes of an image file, or a Blob');
  return decodeBytes(bytes, maxPixels);
}

/** The option `maxPixels`. Throws `invalid-option`. */
export function checkedMaxPixels(options: DecodeImageOptions): number {
  checkOptionNames('decodeImage', options, ['maxPixels']);
  const { maxPixels = MAX_PIXELS } = options;
  checkNumber('maxPixels', maxPixels, whole(1));
  return maxPixels;
}

async function blobBytes(blob: Blob): Promise<Bytes> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    throw new Gpt2Error('storage', `the image cannot be read: ${(cause as Error).message}`, { cause });
  }
}

async function decodeBytes(bytes: Bytes, maxPixels: number): Promise<RgbImage> {
  const kind = imageKind(bytes);
  if (kind === undefined) {
    const what = bytes.length === 0 ? 'is empty' : 'is neither PNG nor JPEG nor another known image format';
    throw new Gpt2Error('invalid-file', `the image ${what}`);
  }
  if (kind === 'PNG') return decodePng(bytes, maxPixels);
  if (kind === 'JPEG') return decodeJpeg(bytes, maxPixels);
  if (!canDecodeInBrowser()) throw needsBrowser(kind);
  return browserImage(bytes, kind, maxPixels);
}

function needsBrowser(kind: ImageKind): Gpt2Error {
  return new Gpt2Error(
    'unsupported',
    `the image is a ${kind} file, which browsers alone can decode; convert it to PNG or JPEG`,
  );
}
