// What differs between runtimes, for those with Node's modules: Node, Deno and Bun. In the modules for all others
// rollup puts browser/platform.ts in the place of this file, so that no Node import reaches them.
import type { ThreadPlatform } from './core/threads/protocol.js';
import { folderSource } from './node/folder_source.js';
import * as nodeThreads from './node/threads.js';
import type { SourceOptions } from './open_source.js';
import type { ModelSource } from './weights/source.js';

export { workerLine } from './browser/worker_line.js';
export { compileFile } from './node/binary_file.js';
export { embeddedModel } from './node/embedded_model.js';
export { startModelWorker } from './node/start_worker.js';

/** Opens what is no http: URL. Throws `not-found` and `invalid-option`. */
export const openPath: (path: string | URL, options: SourceOptions) => Promise<ModelSource> = folderSource;

/** What starts the threads of a model, also in Deno and Bun, which have Node's workers. */
export const threadPlatform = (): ThreadPlatform | undefined => nodeThreads;
