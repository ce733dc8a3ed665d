import { Worker } from 'node:worker_threads';
import type { OwnerLine } from '../worker/protocol.js';

/** Starts the thread that runs a model. */
export function startModelWorker(): OwnerLine {
  const worker = new Worker(new URL('./model_worker.js', import.meta.url));
  return {
    send: (message, transfer = []) => worker.postMessage(message, transfer as ArrayBuffer[]),
    listen(onMessage, onFailure) {
      worker.on('message', onMessage);
      worker.on('error', (error) => onFailure?.(error.message));
      worker.on('exit', (code) => onFailure?.(`it ended with status ${code}`));
    },
    stop: () => void worker.terminate(),
  };
}
