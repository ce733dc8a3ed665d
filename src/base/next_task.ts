import { type TaskGlobals, taskGlobals } from './timers.js';

/** Returns `nextTask` for the given globals of a runtime. */
export function taskMaker({ setImmediate, MessageChannel, setTimeout }: TaskGlobals): () => Promise<void> {
  if (typeof setImmediate === 'function') return () => new Promise((resolve) => setImmediate(resolve));
  if (typeof MessageChannel !== 'function') return () => new Promise((resolve) => setTimeout(resolve, 0));
  return () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        // Some runtimes do not exit while a port is open.
        port1.close();
        resolve();
      };
      port2.postMessage(undefined);
    });
}

/**
 * Resolves in a later task of the event loop, so that timers, input and other sessions run between two pieces
 * of synchronous work. (`setTimeout` would add milliseconds in browsers.)
 */
export const nextTask: () => Promise<void> = taskMaker(taskGlobals);
