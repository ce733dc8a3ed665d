import type { AdapterChoice, WeightedSource } from '../model/adapters/adapter_choice.js';
import { weightedSources } from '../model/adapters/weighted_sources.js';
import type { WireAdapter } from './protocol.js';
import { wireSource } from './wire_source.js';

/** Adapters as they are sent to the worker. Throws `invalid-option`. */
export function wireAdapters(choices: readonly AdapterChoice[]): Promise<WireAdapter[]> {
  const wire = async ({ source, weight }: WeightedSource) => ({ source: await wireSource(source), weight });
  return Promise.all(weightedSources(choices).map(wire));
}
