import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { Gpt2Error } from '../base/errors.js';
import { startTimer, stopTimer } from '../base/timers.js';
import { END, RUNNING, SHALL_END, STATE } from './node_worker_end.js';
import { BUNDLED, packageFile } from './package_files.js';
import type { WorkerPort } from './port.js';

/** A worker that computes does not read messages. If it has not begun to end after this time, it is terminated. */
const TERMINATE_AFTER_MS = 5000;

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
  const state = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(script, { execArgv: [], name: 'gpt2-wasm', workerData: state });
  worker.unref();
  return {
    send: (message, transfer = []) => worker.postMessage(message, transfer as ArrayBuffer[]),
    listen(onMessage, onFailure) {
      worker.on('message', onMessage);
      worker.on('messageerror', (error) => onFailure?.(error.message));
      worker.on('error', (error) => onFailure?.(error.message));
      worker.on('exit', (code) => onFailure?.(`it ended with status ${code}`));
    },
    stop() {
      worker.unref();
      Atomics.store(state, SHALL_END, 1);
      worker.postMessage(END);
      terminateIfBusy(worker, state);
    },
    keepAlive: (alive) => (alive ? worker.ref() : worker.unref()),
  };
}

/** Terminates a worker that has not begun to end after some time, because it computes and reads no messages. */
function terminateIfBusy(worker: Worker, state: Int32Array): void {
  const timer = startTimer(() => {
    if (Atomics.load(state, STATE) === RUNNING) void worker.terminate();
    else terminateIfBusy(worker, state);
  }, TERMINATE_AFTER_MS) as NodeJS.Timeout;
  timer.unref();
  worker.on('exit', () => stopTimer(timer));
}
