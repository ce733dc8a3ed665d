import type { AdaptedModel } from '../../checkpoints/peft/adapted_model.js';
import type { WeightedChanges } from '../../checkpoints/peft/adapter.js';
import { readAdapterOf } from '../../checkpoints/peft/read_adapter.js';
import { wantedFiles } from '../../checkpoints/registry.js';
import { withSource } from '../../files/open_source.js';
import type { AdapterChoice, AdapterOptions } from './adapter_choice.js';
import { weightedSources } from './weighted_sources.js';

/** Reads adapters of a model. Throws as `readAdapter` does, and `invalid-option`. */
export async function openAdapters(
  choices: readonly AdapterChoice[],
  model: AdaptedModel,
  { signal, cache, token }: AdapterOptions,
): Promise<WeightedChanges[]> {
  const opened: WeightedChanges[] = [];
  for (const { source, weight } of weightedSources(choices)) {
    const adapter = await withSource(
      source,
      { signal, cache, token, wanted: wantedFiles('adapter') },
      (files) => readAdapterOf(files, model, signal),
    );
    opened.push({ adapter, weight });
  }
  return opened;
}
