import { type TaskGlobals, taskGlobals } from './timers.js';

/** A function whose promise resolves in a later task of the event loop, made of what a runtime has. */
export function taskMaker({ setImmediate, MessageChannel, setTimeout }: TaskGlobals): () => Promise<void> {
  if (typeof setImmediate === 'function') return () => new Promise((resolve) => setImmediate(resolve));
  if (typeof MessageChannel !== 'function') return () => new Promise((resolve) => setTimeout(resolve, 0));
  return () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        // An open port would keep some runtimes from exiting.
        port1.close();
        resolve();
      };
      port2.postMessage(undefined);
    });
}

/**
 * Resolves in a later task of the event loop, so that timers, input and other sessions get their turn between
 * two pieces of synchronous work. (`setTimeout` alone would add milliseconds in browsers.)
 */
export const nextTask: () => Promise<void> = taskMaker(taskGlobals);
