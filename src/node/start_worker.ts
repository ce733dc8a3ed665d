import { Worker } from 'node:worker_threads';
import type { OwnerLine } from '../worker/protocol.js';

/** Starts the thread that runs a model, for which the process does not stay alive by itself. */
export function startModelWorker(): OwnerLine {
  // Flags such as --input-type, which this process may have, are for no script of a worker.
  const worker = new Worker(new URL('./model_worker.js', import.meta.url), {
    execArgv: [],
    name: 'gpt2-wasm',
  });
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
