import { CAPTION_LORA_TARGETS } from '../../architecture/gpt2/lora.js';
import { modelParameters } from '../../architecture/gpt2/parameters.js';
import { encoderParameters } from '../../architecture/vit/parameters.js';
import type { AdaptedModel } from '../peft/adapted_model.js';
import type { CaptionerConfig } from './config.js';
import { storedName } from './stored_name.js';

/** A captioner as adapters change it: the parameters of its decoder, its cross-attention and its encoder. */
export function adaptedCaptioner({ decoder, encoder }: Omit<CaptionerConfig, 'startTokenId'>): AdaptedModel {
  return {
    parameters: [...modelParameters({ ...decoder, tiedHead: false }), ...encoderParameters(encoder)],
    isHeadTied: decoder.tiedHead,
    targets: CAPTION_LORA_TARGETS,
    task: null,
    nameOf: storedName,
  };
}
