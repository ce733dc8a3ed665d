import { invalidOption } from '../../base/check_options.js';
import type { Source, SourceOptions } from '../../files/source_options.js';

/** An adapter's source, and the factor of its change. */
export interface WeightedSource {
  /** Where the adapter is. */
  readonly source: Source;
  /** The adapter's change is multiplied by this. */
  readonly weight: number;
}

/** An adapter's source, alone or with the factor of its change (default 1). */
export type AdapterChoice = Source | WeightedSource;

/** How adapters are read. */
export interface AdapterOptions extends Pick<SourceOptions, 'cache' | 'token'> {
  /** Ends reading with `aborted`. */
  readonly signal?: AbortSignal;
}

export const ADAPTER_OPTION_NAMES: readonly string[] = [
  'cache',
  'token',
  'signal',
] satisfies (keyof AdapterOptions)[];

/** The choices with their factors. Throws `invalid-option`. */
export function weightedSources(choices: readonly AdapterChoice[]): WeightedSource[] {
  if (!Array.isArray(choices)) throw invalidOption('adapters', choices, 'an array of sources');
  // Array.from also visits the holes of an array, which `map` would skip.
  return Array.from(choices, (choice: AdapterChoice, index) => {
    if (choice === undefined) throw invalidOption(`adapters[${index}]`, choice, 'a source');
    const isWeighted =
      typeof choice === 'object' && choice !== null && 'source' in choice && 'weight' in choice;
    const weighted = (isWeighted ? choice : { source: choice, weight: 1 }) as WeightedSource;
    if (!Number.isFinite(weighted.weight)) {
      throw invalidOption('weight of an adapter', weighted.weight, 'a number');
    }
    return weighted;
  });
}
