import type { ModelConfig } from '../../architecture/gpt2/config.js';
import type { WeightedAdapter } from '../../architecture/gpt2/lora.js';
import { readAdapter } from '../../checkpoints/peft/adapter_files.js';
import { AdapterSum, MergingLoader } from '../../checkpoints/peft/merging_loader.js';
import { wantedFiles } from '../../checkpoints/registry.js';
import { withSource } from '../../files/open_source.js';
import type { OpenOptions } from '../../files/source_options.js';
import type { AdapterChoice } from './adapter_choice.js';
import { weightedSources } from './weighted_sources.js';

export { AdapterSum, MergingLoader };

/** Reads adapters of a model. Throws as `readAdapter` does, and `invalid-option`. */
export async function openAdapters(
  choices: readonly AdapterChoice[],
  config: ModelConfig,
  { signal, cache, token }: Pick<OpenOptions, 'signal' | 'cache' | 'token'>,
): Promise<WeightedAdapter[]> {
  const opened: WeightedAdapter[] = [];
  for (const { source, weight } of weightedSources(choices)) {
    const adapter = await withSource(
      source,
      { signal, cache, token, wanted: wantedFiles('adapter') },
      (files) => readAdapter(files, config, signal),
    );
    opened.push({ adapter, weight });
  }
  return opened;
}
