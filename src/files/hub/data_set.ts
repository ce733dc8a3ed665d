// Only in the build for runtimes with Node's modules.
import { Gpt2Error } from '../../base/errors.js';
import type { WantedFiles } from '../wanted_files.js';
import { type HubModel, hubSource } from './hub_source.js';
import { dataSetRepo } from './hub_url.js';

/** The hub keeps Parquet files of data sets at config/split/0000.parquet. */
const LEVELS = 2;

/** Data sets have no files that are asked for by name. */
const ANY_FILE: WantedFiles = {
  extensions: [],
  search: () => Promise.reject(new Gpt2Error('runtime', 'data sets are not searched by name')),
};

/**
 * A data set of the hub, `owner/name`, read through the cache of this machine as models are. Throws what
 * `hubSource` throws.
 */
export async function hubDataSet(
  id: string,
  revision: string,
  signal: AbortSignal | undefined,
): Promise<HubModel> {
  return hubSource({ repo: dataSetRepo(id) }, { revision, signal, wanted: ANY_FILE, levels: LEVELS });
}
