import type { ModelConfig } from '../../architecture/gpt2/config.js';
import type { WeightedAdapter } from '../../architecture/gpt2/lora.js';
import { type AdaptedModel, readAdapter, readAdapterOf } from '../../checkpoints/peft/adapter_files.js';
import { AdapterSum, MergingLoader } from '../../checkpoints/peft/merging_loader.js';
import { wantedFiles } from '../../checkpoints/registry.js';
import { withSource } from '../../files/open_source.js';
import type { OpenOptions } from '../../files/source_options.js';
import type { AdapterChoice } from './adapter_choice.js';
import { weightedSources } from './weighted_sources.js';

export { AdapterSum, MergingLoader };

/** Reads adapters of a GPT-2, or of a model of another kind. Throws as `readAdapter` does, and `invalid-option`. */
export async function openAdapters(
  choices: readonly AdapterChoice[],
  model: ModelConfig | AdaptedModel,
  { signal, cache, token }: Pick<OpenOptions, 'signal' | 'cache' | 'token'>,
): Promise<WeightedAdapter[]> {
  const opened: WeightedAdapter[] = [];
  for (const { source, weight } of weightedSources(choices)) {
    const adapter = await withSource(
      source,
      { signal, cache, token, wanted: wantedFiles('adapter') },
      (files) =>
        'matrices' in model ? readAdapterOf(files, model, signal) : readAdapter(files, model, signal),
    );
    opened.push({ adapter, weight });
  }
  return opened;
}
