// What Node, Deno and Bun provide. In the modules for all other runtimes rollup replaces this file, as every
// `platform.ts`, by the `platform_web.ts` beside it.
import { compileFile as compileByName } from './node_binary.js';
import { nodeThreads } from './node_threads.js';
import type { AskForThread, ThreadLender, ThreadPlatform } from './threads.js';

export { availableMemory } from './node_memory.js';
export { startModelWorker } from './node_model_worker.js';
export { webWorkerPort as workerPort } from './web_worker_port.js';

/** Compiles a binary of the package: here by its name, elsewhere by what `url` gives. Throws `not-found` and `network`. */
export const compileFile: (name: string, url: () => URL) => Promise<WebAssembly.Module> = compileByName;

/** Starts the threads of a model, also in Deno and Bun, which have Node's workers; undefined if there are no workers. */
export const threadPlatform: ThreadPlatform | undefined = nodeThreads;

/**
 * Creates the threads of models that run in a worker of this realm. Not for Node's workers, which create their own.
 */
export const threadLender: (() => ThreadLender) | undefined = undefined;

/** Lets the owner of this worker create the threads of its models. */
export const borrowThreads: ((ask: AskForThread) => void) | undefined = undefined;
