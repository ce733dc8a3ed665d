import type { AdapterChoice } from '../model/adapters/adapter_choice.js';
import type { LoadModelOptions } from '../model/load_model.js';

/** How a captioner is loaded: as a model, with the same options for encoder and decoder. */
export interface LoadCaptionerOptions extends LoadModelOptions {
  /**
   * LoRA adapters in PEFT's format of any matrices of both models, as `CaptionTrainer` saves them, which are merged into
   * the weights; see `loadModel`.
   */
  readonly adapters?: readonly AdapterChoice[];
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
  adapters: true,
  preprocessor: true,
  revision: true,
  token: true,
  cache: true,
  signal: true,
  onDownload: true,
  onProgress: true,
} satisfies Record<keyof LoadCaptionerOptions, true>);
