import type { ModelConfig } from '../config.js';
import { type OpenOptions, withSource } from '../open_source.js';
import { readAdapter } from './adapter_files.js';
import { type AdapterChoice, weightedSources } from './choice.js';
import { AdapterSum, MergingSink, type WeightedAdapter } from './merging_sink.js';

export { AdapterSum, MergingSink };

/** Reads adapters of a model. Throws as `readAdapter` does, and `invalid-option`. */
export async function openAdapters(
  choices: readonly AdapterChoice[],
  config: ModelConfig,
  { signal, cache, token }: Pick<OpenOptions, 'signal' | 'cache' | 'token'>,
): Promise<WeightedAdapter[]> {
  const opened: WeightedAdapter[] = [];
  for (const { source, weight } of weightedSources(choices)) {
    const adapter = await withSource(source, { signal, cache, token, kind: 'adapter' }, (files) =>
      readAdapter(files, config, signal),
    );
    opened.push({ adapter, weight });
  }
  return opened;
}
