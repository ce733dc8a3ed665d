import type { OwnerLine } from '../worker/protocol.js';

/** The line to a worker of the web's kind. */
export function workerLine(worker: Worker): OwnerLine {
  return {
    send: (message, transfer = []) => worker.postMessage(message, transfer),
    listen(onMessage, onFailure) {
      worker.onmessage = ({ data }) => onMessage(data);
      worker.onerror = ({ message }) => onFailure?.(message || 'its script cannot be loaded');
      worker.onmessageerror = () => onFailure?.('it sent what cannot be read');
    },
    stop: () => worker.terminate(),
    // A page lives on without its workers.
    keepAlive() {},
  };
}
