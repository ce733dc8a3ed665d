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

/** Threads that load their modules. */
const starting = new Set<Worker>();

/** Whether a thread of this realm loads its modules: Node never closes the files that one opens which ends now. */
export const startsThreads = (): boolean => starting.size > 0;

/**
 * Starts a worker. The process does not stay alive for it until `keepAlive`. One that is terminated while it starts
 * ends when it is ready.
 */
function startThread(start: object, events: ThreadEvents): Thread {
  const worker = new Worker(packageFile('build/esm/node_thread.js'), {
    workerData: start,
    execArgv: [],
    name: 'gpt2-wasm',
  });
  let over = false;
  starting.add(worker);
  worker.unref();
  worker.once('message', () => {
    starting.delete(worker);
    if (over) void worker.terminate();
  });
  worker.on('message', events.onMessage);
  worker.on('error', events.onEnd);
  worker.on('messageerror', events.onEnd);
  worker.on('exit', (code) => {
    starting.delete(worker);
    events.onEnd(new Error(`exit code ${code}`));
  });
  return {
    keepAlive: (alive) => (alive ? worker.ref() : worker.unref()),
    terminate() {
      over = true;
      worker.unref();
      if (!starting.has(worker)) void worker.terminate();
    },
  };
}
