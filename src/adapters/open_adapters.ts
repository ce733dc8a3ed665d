import { invalidOption } from '../check_options.js';
import type { ModelConfig } from '../config.js';
import { type Source, withSource } from '../open_source.js';
import type { WeightSink } from '../weights/slots.js';
import { readAdapter } from './adapter_files.js';
import { MergingSink, type WeightedAdapter } from './merging_sink.js';

/** Where an adapter is, and what its change is multiplied by: 1 unless it is given. */
export type AdapterChoice = Source | { readonly source: Source; readonly weight: number };

/** Reads adapters, which are small, before the first weight; gives what adds them to weights on their way to a sink. */
export async function openAdapters(
  choices: readonly AdapterChoice[],
  config: ModelConfig,
  { signal, cache }: { signal: AbortSignal | undefined; cache: boolean | undefined },
): Promise<(sink: WeightSink) => WeightSink> {
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
  return (sink) => new MergingSink(sink, opened);
}
