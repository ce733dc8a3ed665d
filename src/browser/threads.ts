import type { Thread, ThreadEvents, ThreadPlatform, ThreadStart } from '../core/threads/protocol.js';

/** Module workers; pages have them, edge runtimes do not. */
export const webThreads: ThreadPlatform | undefined =
  typeof Worker === 'function' ? { processors: () => navigator.hardwareConcurrency, startThread } : undefined;

function startThread(start: ThreadStart, events: ThreadEvents): Thread {
  // The built worker lies beside every built module; bundlers follow this expression.
  const worker = new Worker(new URL('./browser_thread.js', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }) => events.onMessage(data);
  worker.onerror = (event) => {
    event.preventDefault();
    events.onEnd(new Error(event.message || 'its script did not load'));
  };
  worker.postMessage(start);
  return {
    // A page lives on without it.
    keepAlive: () => {},
    terminate: () => worker.terminate(),
  };
}
