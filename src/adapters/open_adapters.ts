import { invalidOption } from '../check_options.js';
import type { ModelConfig } from '../config.js';
import { type Source, withSource } from '../open_source.js';
import { readAdapter } from './adapter_files.js';
import { AdapterSum, MergingSink, type WeightedAdapter } from './merging_sink.js';

/** Where an adapter is, and what its change is multiplied by: 1 unless it is given. */
export type AdapterChoice = Source | { readonly source: Source; readonly weight: number };

export { AdapterSum, MergingSink };

/** Reads adapters of a model. Throws as `readAdapter` does, and `invalid-option`. */
export async function openAdapters(
  choices: readonly AdapterChoice[],
  config: ModelConfig,
  { signal, cache }: { readonly signal?: AbortSignal | undefined; readonly cache?: boolean | undefined },
): Promise<WeightedAdapter[]> {
  if (!Array.isArray(choices)) throw invalidOption('adapters', choices, 'an array of sources');
  const opened: WeightedAdapter[] = [];
  for (const choice of choices) {
    const isWeighted = typeof choice === 'object' && 'source' in choice && 'weight' in choice;
    const { source, weight } = (isWeighted ? choice : { source: choice, weight: 1 }) as {
      source: Source;
      weight: number;
    };
    if (!Number.isFinite(weight)) throw invalidOption('weight of an adapter', weight, 'a number');
    const adapter = await withSource(source, { signal, cache }, (files) =>
      readAdapter(files, config, signal),
    );
    opened.push({ adapter, weight });
  }
  return opened;
}
