import type { SoftPrompt } from '../checkpoints/peft/soft_prompt.js';
import type { Source } from '../files/source_options.js';
import type { Mapper, MapperOptions } from './prefixes/mapper.js';
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

/**
 * Reads a mapper of ClipCap (Mokady et al. 2021), which makes vectors before a text from the features of an image: two
 * matrices, or a transformer. Tensors are named as in the published files, `clip_project.model.0.weight` or
 * `clip_project.prefix_const` and so on, in a .safetensors file, alone or beside the GPT-2 that was trained with them
 * (`gpt.`), which `loadModel` reads from the same file. Other features than CLIP's are mapped in the same way.
 *
 * Throws `not-found`, `invalid-file`, `unsupported`, `out-of-memory`, `network`, `runtime`, `aborted`, and
 * `invalid-option`, also for a mapper of matrices if neither the file nor the option `model` says the model's width.
 */
export async function loadMapper(source: Source, options: MapperOptions = {}): Promise<Mapper> {
  const { openMapper } = await import('./prefixes/open_mapper.js');
  return openMapper(source, options);
}
