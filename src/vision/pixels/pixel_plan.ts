import { show } from '../../architecture/gpt2/config_values.js';
import { Gpt2Error } from '../../base/errors.js';
import { FILE, invalid } from './field_error.js';
import { PROCESSOR_TYPES, type ProcessorDefaults } from './processor_types.js';
import { type CropSize, cropSize, type ResizeTo, resizeTo } from './sizes.js';

/** How an image is resized. */
export interface ResizePlan {
  readonly to: ResizeTo;
  /** The filter's number in Pillow, 0 to 5. */
  readonly resample: number;
}

/** The steps from an image to the numbers that a vision encoder takes. */
export interface PixelPlan {
  /** `undefined`: the image keeps its size. */
  readonly resize: ResizePlan | undefined;
  /** `undefined`: nothing is cut off. */
  readonly crop: CropSize | undefined;
  /** Factor of the bytes; `undefined`: they stay from 0 to 255. */
  readonly scale: number | undefined;
  /** Subtracted from red, green and blue after the factor, and divisor of the result. */
  readonly normalize: { readonly mean: readonly number[]; readonly std: readonly number[] } | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** Steps of other processors, which are refused if they are on. */
const OTHER_STEPS = [
  'do_pad',
  'do_flip_channel_order',
  'do_color_quantize',
  'do_thumbnail',
  'do_align_long_axis',
];

/**
 * Reads the fields of a preprocessor_config.json. `encoder`: the `model_type` of the encoder, which tells the type of
 * a file that names none. Throws `unsupported` for a type or step that is not known, and `invalid-file`.
 */
export function readPixelPlan(config: Fields, encoder = 'vit'): PixelPlan {
  const fields: Fields = { ...defaultsOf(config, encoder), ...config };
  for (const step of OTHER_STEPS) {
    if (fields[step]) throw new Gpt2Error('unsupported', `${FILE} asks for ${step}, which is not known here`);
  }
  const isOn = (step: string, byDefault = true) => flag(fields, step, byDefault);
  return {
    resize: isOn('do_resize') ? resizePlan(fields, isOn('default_to_square')) : undefined,
    crop: isOn('do_center_crop', false) ? cropSize(fields.crop_size) : undefined,
    scale: isOn('do_rescale') ? number({ rescale_factor: 1 / 255, ...fields }, 'rescale_factor') : undefined,
    normalize: isOn('do_normalize')
      ? { mean: channels(fields, 'image_mean'), std: channels(fields, 'image_std', (value) => value !== 0) }
      : undefined,
  };
}

function defaultsOf(config: Fields, encoder: string): ProcessorDefaults {
  const type = config.image_processor_type ?? config.feature_extractor_type;
  const name =
    type ?? Object.keys(PROCESSOR_TYPES).find((known) => known.toLowerCase() === encoder) ?? encoder;
  const plain = String(name).replace(/(ImageProcessor|FeatureExtractor)(Fast|Pil)?$/, '');
  const defaults = Object.hasOwn(PROCESSOR_TYPES, plain) ? PROCESSOR_TYPES[plain] : undefined;
  if (defaults !== undefined) return defaults;
  const known = Object.keys(PROCESSOR_TYPES).map((one) => `${one}ImageProcessor`);
  throw new Gpt2Error('unsupported', `${FILE} has the type ${show(name)}; known are ${known.join(', ')}`);
}

function resizePlan(fields: Fields, isSquare: boolean): ResizePlan {
  const isFilter = (value: number) => Number.isInteger(value) && value >= 0 && value <= 5;
  return { to: resizeTo(fields.size, isSquare), resample: number(fields, 'resample', isFilter) };
}

/** A step that is null is off, as in transformers. */
function flag(fields: Fields, name: string, byDefault: boolean): boolean {
  const value = name in fields ? (fields[name] ?? false) : byDefault;
  if (typeof value !== 'boolean') throw invalid(name, value, 'true or false');
  return value;
}

function number(fields: Fields, name: string, isRight = (_value: number) => true): number {
  const value = fields[name];
  if (typeof value !== 'number' || !isRight(value)) throw invalid(name, value, 'a number that can be used');
  return value;
}

/** Three numbers, or one for all channels. */
function channels(fields: Fields, name: string, isRight = (_value: number) => true): readonly number[] {
  const given = fields[name];
  const values: unknown[] = Array.isArray(given) ? given : [given, given, given];
  const areRight = values.every((value) => typeof value === 'number' && isRight(Math.fround(value)));
  if (values.length !== 3 || !areRight)
    throw invalid(name, given, 'three numbers, by which pixels can be divided');
  return values as number[];
}
