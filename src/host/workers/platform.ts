// How workers that run models are started, in Node, Deno and Bun; apart from `host/platform.ts`, since most
// pages run their models themselves.
import type { ThreadLender } from '../threads.js';

export { startModelWorker } from '../node_model_worker.js';
export { webWorkerPort as workerPort } from '../web_worker_port.js';

/**
 * Creates the threads for models in a worker of this realm; undefined here, since Node's workers create their
 * own.
 */
export const threadLender: (() => ThreadLender) | undefined = undefined;
