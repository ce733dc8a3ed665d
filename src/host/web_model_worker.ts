import { Gpt2Error } from '../base/errors.js';
import type { WorkerPort } from './port.js';
import { webWorkerPort } from './web_worker_port.js';

/**
 * Starts the script that runs a model. Throws `runtime` if the runtime has no workers or refuses this one.
 */
export function startModelWorker<Out, In>(): WorkerPort<Out, In> {
  if (typeof Worker === 'undefined')
    throw new Gpt2Error('runtime', 'this runtime has no workers; use loadModel');
  let worker: Worker;
  try {
    worker = new Worker(new URL('./model_worker.js', import.meta.url), { type: 'module' });
  } catch (cause) {
    throw new Gpt2Error(
      'runtime',
      `the worker of the model cannot be started: ${(cause as Error).message}; give one as the option worker, whose ` +
        'script imports gpt2-wasm/model-worker',
      { cause },
    );
  }
  return webWorkerPort(worker);
}
