import { Gpt2Error } from '../errors.js';
import type { OwnerLine } from '../worker/protocol.js';
import { workerLine } from './worker_line.js';

/** Starts the script that runs a model. Throws `runtime` where the runtime has no workers. */
export function startModelWorker(): OwnerLine {
  if (typeof Worker === 'undefined')
    throw new Gpt2Error('runtime', 'this runtime has no workers; use loadModel');
  return workerLine(new Worker(new URL('./model_worker.js', import.meta.url), { type: 'module' }));
}
