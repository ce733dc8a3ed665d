/** Values of fields that a preprocessor_config.json lacks, which depend on the type it names. */
export interface ProcessorDefaults {
  readonly size: unknown;
  readonly crop_size?: unknown;
  /** Whether a size that is one number means a square, and not the shorter edge. */
  readonly default_to_square: boolean;
  readonly resample: number;
  readonly do_center_crop: boolean;
  readonly image_mean: readonly number[];
  readonly image_std: readonly number[];
}

const HALF = [0.5, 0.5, 0.5];
const CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073];
const CLIP_STD = [0.26862954, 0.26130258, 0.27577711];

const CLIP: ProcessorDefaults = {
  ...{ size: { shortest_edge: 224 }, crop_size: 224, default_to_square: false, resample: 3 },
  ...{ do_center_crop: true, image_mean: CLIP_MEAN, image_std: CLIP_STD },
};

/** The types that are read, by their names without `ImageProcessor` or `FeatureExtractor`. */
export const PROCESSOR_TYPES: Readonly<Record<string, ProcessorDefaults>> = {
  ViT: {
    ...{ size: 224, default_to_square: true, resample: 2 },
    ...{ do_center_crop: false, image_mean: HALF, image_std: HALF },
  },
  DeiT: {
    ...{ size: 256, crop_size: 224, default_to_square: true, resample: 3 },
    ...{ do_center_crop: true, image_mean: HALF, image_std: HALF },
  },
  Bit: CLIP,
  CLIP,
};
