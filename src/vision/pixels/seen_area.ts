import { type EncoderConfig, patchGrid } from '../../architecture/vit/config.js';
import { checkNumber, whole } from '../../base/check_number.js';
import { firstPixel } from './crop.js';
import type { PixelPlan } from './pixel_plan.js';
import { resizedSize } from './sizes.js';

/**
 * The part of an image that an encoder sees, and cuts into patches, in shares of the image's width and height. An image
 * that is smaller than the encoder's gets black edges: then `left` or `top` is below 0.
 */
export interface SeenArea {
  /** From the image's left edge. */
  readonly left: number;
  /** From the image's upper edge. */
  readonly top: number;
  /** 1 is the width of the image. */
  readonly width: number;
  /** 1 is the height of the image. */
  readonly height: number;
}

/** The size of an image. */
export interface ImageSize {
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
}

/** Without a plan, pixels come from elsewhere, and are taken for the whole image. Throws `invalid-option`. */
export function seenArea(
  plan: PixelPlan | undefined,
  encoder: Pick<EncoderConfig, 'imageSize' | 'patchSize'>,
  size: ImageSize,
): SeenArea {
  checkNumber('width of the image', size?.width, whole(1));
  checkNumber('height of the image', size?.height, whole(1));
  const { width, height } = plan?.resize === undefined ? size : resizedSize(size, plan.resize.to);
  const crop = plan?.crop ?? { width, height };
  const covered = patchedShare(encoder);
  return {
    left: firstPixel(width, crop.width) / width,
    top: firstPixel(height, crop.height) / height,
    width: (crop.width / width) * covered.width,
    height: (crop.height / height) * covered.height,
  };
}

/** The part of the encoder's image that whole patches fill. */
function patchedShare(encoder: Pick<EncoderConfig, 'imageSize' | 'patchSize'>): ImageSize {
  const { imageSize, patchSize } = encoder;
  const [rows, columns] = patchGrid(encoder);
  return { width: (columns * patchSize[1]) / imageSize[1], height: (rows * patchSize[0]) / imageSize[0] };
}
