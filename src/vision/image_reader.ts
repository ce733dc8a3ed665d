import type { EncoderConfig } from '../architecture/vit/config.js';
import { Gpt2Error, throwIfAborted } from '../base/errors.js';
import { PREPROCESSOR_FILE } from '../checkpoints/vision/file_names.js';
import type { JsonObject } from '../files/json_object.js';
import { type ImageInput, readImage } from './images/image_input.js';
import { type PixelPlan, readPixelPlan } from './pixels/pixel_plan.js';
import { preprocess } from './pixels/preprocess.js';

/** Makes the numbers that an encoder takes of images. */
export interface ImageReader {
  /** `undefined` if only pixels are taken. */
  readonly plan: PixelPlan | undefined;
  /** By how much the pixels of each channel differ between black and white. */
  readonly ranges: readonly number[];
  /** [channels, height, width] */
  pixels(image: ImageInput, signal: AbortSignal | undefined): Promise<Float32Array>;
}

/**
 * Reads the fields of a preprocessor_config.json. `source` names the place of the model in messages. Without
 * fields only images are refused, since pixels may come from elsewhere. Throws `invalid-file`, `unsupported`.
 */
export function imageReader(
  fields: JsonObject | undefined,
  { imageChannels, imageSize, classTokens }: EncoderConfig,
  source: string,
): ImageReader {
  if (fields === undefined) return withoutPlan(imageChannels, source);
  const plan = readPixelPlan(fields, classTokens === 2 ? 'deit' : 'vit');
  const { scale = 1, normalize } = plan;
  const ranges = [0, 1, 2].map((channel) => (255 * scale) / Math.abs(normalize?.std[channel] ?? 1));
  const [height, width] = imageSize;
  const pixels: ImageReader['pixels'] = async (image, signal) => {
    const what = 'reading the image';
    throwIfAborted(signal, what);
    const rgb = await readImage(image);
    throwIfAborted(signal, what);
    const found = preprocess(rgb, plan);
    if (found.width === width && found.height === height && imageChannels === 3) return found.data;
    throw new Gpt2Error(
      'invalid-file',
      `${PREPROCESSOR_FILE} of ${source} makes 3 x ${found.height} x ${found.width} numbers of the image, ` +
        `but the encoder takes ${imageChannels} x ${height} x ${width}`,
    );
  };
  return { plan, ranges, pixels };
}

function withoutPlan(imageChannels: number, source: string): ImageReader {
  const pixels = async () => {
    throw new Gpt2Error(
      'not-found',
      `${source} has no ${PREPROCESSOR_FILE}, which says how images become pixels; give loadCaptioner its fields ` +
        'as the option preprocessor, or give pixels in the place of images',
    );
  };
  return { plan: undefined, ranges: new Array<number>(imageChannels).fill(1), pixels };
}
