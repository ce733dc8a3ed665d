import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Thread, ThreadEvents, ThreadPlatform, ThreadStart } from '../core/threads/protocol.js';

/** Workers of `node:worker_threads`. */
export const nodeThreads: ThreadPlatform = {
  processors: availableParallelism,
  oneByOne: false,
  startThread,
};

/** Starts a worker for which the process does not stay alive by itself. */
function startThread(start: ThreadStart, events: ThreadEvents): Thread {
  // From src/node/ and from build/esm/ the same relative address leads to the built worker.
  const worker = new Worker(new URL('../../build/esm/node_thread.js', import.meta.url), {
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
