import type { Thread, ThreadEvents, ThreadStart } from '../core/threads/protocol.js';

export function processors(): number {
  return navigator.hardwareConcurrency;
}

/** Starts a module worker. */
export function startThread(start: ThreadStart, events: ThreadEvents): Thread {
  // From build/esm/ this leads to the worker beside it; bundlers follow the same expression.
  const worker = new Worker(new URL('../../build/esm/browser_thread.js', import.meta.url), {
    type: 'module',
  });
  worker.onmessage = ({ data }) => events.onMessage(data);
  worker.onerror = (event) => {
    event.preventDefault();
    events.onEnd(new Error(event.message || 'its script did not load'));
  };
  worker.postMessage(start);
  return {
    // A page lives on; other runtimes with this `Worker` may have Node's way of letting go.
    keepAlive: (alive) => (worker as { ref?(): void; unref?(): void })[alive ? 'ref' : 'unref']?.(),
    terminate: () => worker.terminate(),
  };
}
