import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { Gpt2Error } from '../base/errors.js';
import { BUNDLED, packageFile } from './package_files.js';
import type { WorkerPort } from './port.js';

/**
 * Starts the thread that runs a model. The process does not stay alive for it until `keepAlive`. Throws
 * `not-found` if the thread's script is missing.
 */
export function startModelWorker<Out, In>(): WorkerPort<Out, In> {
  const script = packageFile('build/esm/model_worker.js');
  if (!existsSync(script)) {
    throw new Gpt2Error('not-found', `the worker's script is not there: ${script}; ${BUNDLED}`);
  }
  // Flags of this process, such as --input-type, must not apply to the worker's script.
  const worker = new Worker(script, { execArgv: [], name: 'gpt2-wasm' });
  worker.unref();
  return {
    send: (message, transfer = []) => worker.postMessage(message, transfer as ArrayBuffer[]),
    listen(onMessage, onFailure) {
      worker.on('message', onMessage);
      worker.on('messageerror', (error) => onFailure?.(error.message));
      worker.on('error', (error) => onFailure?.(error.message));
      worker.on('exit', (code) => onFailure?.(`it ended with status ${code}`));
    },
    stop: () => void worker.terminate(),
    keepAlive: (alive) => (alive ? worker.ref() : worker.unref()),
  };
}
