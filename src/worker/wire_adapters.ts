import { throwIfAborted } from '../base/errors.js';
import {
  type AdapterChoice,
  type AdapterOptions,
  checkAdapterOptions,
  type WeightedSource,
} from '../model/adapters/adapter_choice.js';
import { weightedSources } from '../model/adapters/weighted_sources.js';
import type { Connection } from './connection.js';
import type { WireAdapter } from './protocol.js';
import { buffersOf, sourcesOf, wireSource } from './wire_source.js';

/** Name of the work in messages. */
const READING = 'reading the adapters';

/** Adapters as they are sent to the worker. Throws `invalid-option`. */
export function wireAdapters(choices: readonly AdapterChoice[]): Promise<WireAdapter[]> {
  const wire = async ({ source, weight }: WeightedSource) => ({ source: await wireSource(source), weight });
  return Promise.all(weightedSources(choices).map(wire));
}

/** Makes a model with adapters in the worker. Gives its number. Throws as `Model.withAdapters`. */
export async function adaptInWorker(
  connection: Connection,
  adapters: readonly AdapterChoice[],
  adapterOptions: AdapterOptions = {},
): Promise<number> {
  checkAdapterOptions(adapterOptions);
  const { signal, ...options } = adapterOptions;
  const wire = await wireAdapters(adapters);
  throwIfAborted(signal, READING);
  const number = connection.newNumber();
  const abort = () => connection.notify('endModel', [number]);
  signal?.addEventListener('abort', abort);
  try {
    await connection.call('adapt', [number, wire, options], buffersOf(...sourcesOf(wire)));
  } finally {
    signal?.removeEventListener('abort', abort);
  }
  throwIfAborted(signal, READING);
  return number;
}
