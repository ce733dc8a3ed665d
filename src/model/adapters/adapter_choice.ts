import { checkOptionNames } from '../../base/check_options.js';
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

const OPTION_NAMES: readonly string[] = ['cache', 'token', 'signal'] satisfies (keyof AdapterOptions)[];

/** Throws `invalid-option`. */
export function checkAdapterOptions(options: AdapterOptions): void {
  checkOptionNames('withAdapters', options, OPTION_NAMES);
}
