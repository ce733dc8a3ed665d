import { invalidOption } from '../../base/check_options.js';
import type { AdapterChoice, WeightedSource } from './adapter_choice.js';

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
