// Files in Node, Deno and Bun. In the modules for all other runtimes rollup replaces this file, as every
// `platform.ts`, by the `platform_web.ts` beside it, so that no Node import reaches them.
import { folderSource } from './folder/folder_source.js';
import type { HubId } from './hub/hub_url.js';
import type { ModelSource } from './source.js';
import type { OpenOptions } from './source_options.js';

export { dataFiles } from './folder/data_files.js';
export { embeddedModel } from './folder/embedded_models.js';
export { isThere } from './folder/folder_source.js';
export { folderTarget as openTarget } from './folder/folder_target.js';
export { lineLogFile as openLineLog } from './folder/line_log_file.js';
export { trainingStateFolder as openTrainingStateStore } from './folder/training_state_folder.js';

/**
 * Opens a data set of the hub. Throws `not-found`, `network`, `invalid-option`, `invalid-file`, `aborted` and
 * `runtime`.
 */
export async function openDataSet(
  id: string,
  revision: string,
  signal: AbortSignal | undefined,
): Promise<ModelSource> {
  const { hubDataSet } = await import('./hub/data_set.js');
  return hubDataSet(id, revision, signal);
}

/** Opens what is neither an http: URL nor the id of a model. Throws `not-found` and `invalid-option`. */
export const openPath: (path: string | URL, options: OpenOptions) => Promise<ModelSource> = folderSource;

/**
 * Opens a model of the hub. Throws `not-found`, `network`, `invalid-option`, `invalid-file`, `aborted` and
 * `runtime`.
 */
export async function openHub(id: HubId, options: OpenOptions): Promise<ModelSource> {
  const { hubSource } = await import('./hub/hub_source.js');
  return hubSource(id, options);
}
