import type { AdapterChoice } from '../model/adapters/adapter_choice.js';
import { LOAD_OPTION_NAMES, type LoadModelOptions } from '../model/load_options.js';

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

export const CAPTIONER_OPTION_NAMES: readonly string[] = [...LOAD_OPTION_NAMES, 'tokenizer', 'preprocessor'];
