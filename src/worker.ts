import './base/globals.js';

export { Gpt2Error, type Gpt2ErrorCode } from './base/errors.js';
export { createWorkerModel, type WorkerModel, type WorkerModelOptions } from './worker/worker_model.js';
export type { WorkerSession } from './worker/worker_session.js';
