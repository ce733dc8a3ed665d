import { readSoftPrompt, type SoftPrompt } from '../../checkpoints/peft/soft_prompt.js';
import { wantedFiles } from '../../checkpoints/registry.js';
import { withSource } from '../../files/open_source.js';
import type { Source } from '../../files/source_options.js';
import { checkPrefixOptions, checkWidth, type PrefixOptions } from './options.js';

/** See `loadSoftPrompt`. */
export async function openSoftPrompt(source: Source, options: PrefixOptions): Promise<SoftPrompt> {
  checkPrefixOptions('loadSoftPrompt', options);
  return withSource(source, { ...options, wanted: wantedFiles('adapter') }, async (files) => {
    const prompt = await readSoftPrompt(files, options.signal);
    checkWidth(files.name, prompt.channels, options);
    return prompt;
  });
}
