import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { packageFile } from './package_files.js';
import type { Thread, ThreadEvents, ThreadPlatform } from './threads.js';

/** Workers of `node:worker_threads`. */
export const nodeThreads: ThreadPlatform = {
  processors: availableParallelism,
  oneByOne: false,
  startThread,
};

/** Starts a worker. The process does not stay alive for it until `keepAlive`. */
function startThread(start: object, events: ThreadEvents): Thread {
  const worker = new Worker(packageFile('build/esm/node_thread.js'), {
    workerData: start,
    execArgv: [],
    name: 'gpt2-wasm',
  });
  worker.unref();
  worker.on('message', events.onMessage);
  worker.on('error', events.onEnd);
  worker.on('messageerror', events.onEnd);
  worker.on('exit', (code) => events.onEnd(new Error(`exit code ${code}`)));
  return {
    keepAlive: (alive) => (alive ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
}
