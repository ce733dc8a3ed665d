// What differs between runtimes, for those with Node's modules: Node, Deno and Bun. In the modules for all others
// rollup puts browser/platform.ts in the place of this file, so that no Node import reaches them.
import type { AskForThread, ThreadLender, ThreadPlatform } from './core/threads/protocol.js';
import type { HubId } from './hub/hub_url.js';
import { compileFile as compileByName } from './node/binary_file.js';
import { folderSource } from './node/folder_source.js';
import { nodeThreads } from './node/threads.js';
import type { OpenOptions } from './open_source.js';
import type { ModelSource } from './weights/source.js';

export { workerLine } from './browser/worker_line.js';
export { availableMemory } from './node/available_memory.js';
export { checkpointFolder as openCheckpointStore } from './node/checkpoint_folder.js';
export { dataFiles } from './node/data_files.js';
export { embeddedModel } from './node/embedded_model.js';
export { isThere } from './node/folder_source.js';
export { folderTarget as openTarget } from './node/folder_target.js';
export { startModelWorker } from './node/start_worker.js';

/** Compiles a binary of the package: here by its name, elsewhere by what `url` gives. Throws `not-found` and `network`. */
export const compileFile: (name: string, url: () => URL) => Promise<WebAssembly.Module> = compileByName;

/** What starts the threads of a model, also in Deno and Bun, which have Node's workers; elsewhere there may be none. */
export const threadPlatform: ThreadPlatform | undefined = nodeThreads;

/**
 * Creates the threads of models that run in a worker of this realm. Not for Node's workers, which create their own.
 */
export const threadLender: (() => ThreadLender) | undefined = undefined;

/** Lets the owner of this worker create the threads of its models. */
export const borrowThreads: ((ask: AskForThread) => void) | undefined = undefined;

/** Opens what is neither an http: URL nor the id of a model. Throws `not-found` and `invalid-option`. */
export const openPath: (path: string | URL, options: OpenOptions) => Promise<ModelSource> = folderSource;

/** Opens a model of the hub. Throws `not-found`, `network`, `invalid-option`, `invalid-file`, `aborted` and `runtime`. */
export async function openHub(id: HubId, options: OpenOptions): Promise<ModelSource> {
  const { hubSource } = await import('./hub/hub_source.js');
  return hubSource(id, options);
}
