// How a worker of Node ends, on its own side. Node never closes files that a thread was opening, modules among them,
// when the thread was terminated; so the worker ends by itself, at a moment when it opens none.
import { workerData } from 'node:worker_threads';
import { startTimer } from '../base/timers.js';
import { startsThreads } from './node_threads.js';

/** The owner's message that the worker shall end. */
export const END = 'end';

/** Places in the shared memory that is the worker's `workerData`: 1 if it shall end; and what it does. */
export const SHALL_END = 0;
export const STATE = 1;

/** States; 0 until the modules of the worker are loaded. */
export const RUNNING = 1;
const ENDING = 2;

const LOOK_AGAIN_MS = 2;

const state: Int32Array = workerData;

/** True a moment before the message `END` arrives, so that the worker begins nothing else. */
export const shallEnd = (): boolean => Atomics.load(state, SHALL_END) === 1;

/** To be called when the modules of the worker are loaded. */
export function running(): void {
  Atomics.store(state, STATE, RUNNING);
}

/** Ends the worker as soon as neither it nor a thread of its model opens files. */
export function endWorker(): void {
  Atomics.store(state, STATE, ENDING);
  if (usesFiles() || startsThreads()) startTimer(endWorker, LOOK_AGAIN_MS);
  else process.exit();
}

/** Whether a request to the file system is under way. Unknown, and needless, in Deno and Bun. */
const usesFiles = (): boolean =>
  process.getActiveResourcesInfo?.().some((name) => /^(FSReq|CloseReq)/.test(name)) ?? false;
