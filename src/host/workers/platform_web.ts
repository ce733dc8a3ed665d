// How pages start workers that run models.
import { LentThreads } from '../web_lent_threads.js';
import type * as node from './platform.js';

export { startModelWorker } from '../web_model_worker.js';
export { webWorkerPort as workerPort } from '../web_worker_port.js';

export const threadLender: typeof node.threadLender = () => new LentThreads();
