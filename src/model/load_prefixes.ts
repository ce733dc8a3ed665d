import type { SoftPrompt } from '../checkpoints/peft/soft_prompt.js';
import type { Source } from '../files/source_options.js';
import type { PrefixOptions } from './prefixes/options.js';

/**
 * Reads a soft prompt: the vectors that prompt tuning (Lester et al. 2021) or p-tuning (Liu et al. 2021) has learned
 * in place of a prompt's text, as PEFT saves them (`adapter_config.json`, `adapter_model.safetensors`). They come
 * before a text: `model.generate({ embeddings, text })`.
 *
 * Throws `not-found`, `invalid-file`, `unsupported` for other adapters (`withAdapters` takes LoRA), `invalid-option`,
 * `network` and `aborted`.
 */
export async function loadSoftPrompt(source: Source, options: PrefixOptions = {}): Promise<SoftPrompt> {
  const { openSoftPrompt } = await import('./prefixes/open_soft_prompt.js');
  return openSoftPrompt(source, options);
}
