import type { LoadModelOptions } from '../model/load_model.js';

/** How a captioner is loaded: as a model, with the same options for encoder and decoder. */
export interface LoadCaptionerOptions extends Omit<LoadModelOptions, 'adapters'> {
  /**
   * How images become pixels, in the place of preprocessor_config.json: its fields, as transformers'
   * `ViTImageProcessor` and `DeiTImageProcessor` have them.
   */
  readonly preprocessor?: Readonly<Record<string, unknown>> | undefined;
}

export const CAPTIONER_OPTION_NAMES = Object.keys({
  build: true,
  weights: true,
  contextLength: true,
  kvCache: true,
  maxMemory: true,
  threads: true,
  module: true,
  tokenizer: true,
  preprocessor: true,
  revision: true,
  token: true,
  cache: true,
  signal: true,
  onDownload: true,
  onProgress: true,
} satisfies Record<keyof LoadCaptionerOptions, true>);
