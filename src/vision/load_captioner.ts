import { checkOptionNames } from '../base/check_options.js';
import type { Source } from '../files/source_options.js';
import type { Captioner } from './captioner.js';
import { CAPTIONER_OPTION_NAMES, type LoadCaptionerOptions } from './captioner_options.js';

/**
 * Loads a model that describes images: a `VisionEncoderDecoderModel` of Hugging Face's transformers with a ViT
 * or DeiT encoder and a GPT-2, such as nlpconnect/vit-gpt2-image-captioning, from wherever `Source` says. The
 * encoder's weights are kept in the same format as the decoder's, and computed with as many threads.
 *
 * Throws as `loadModel` does.
 */
export async function loadCaptioner(source: Source, options: LoadCaptionerOptions = {}): Promise<Captioner> {
  checkOptionNames('loadCaptioner', options, CAPTIONER_OPTION_NAMES);
  // Loaded on demand, since pages whose captioners run in a worker do without it.
  const { createCaptioner } = await import('./create_captioner.js');
  return createCaptioner(source, options);
}
