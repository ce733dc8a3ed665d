import type { WorkerPort } from './port.js';

/** The port to a web worker. */
export function webWorkerPort<Out, In>(worker: Worker): WorkerPort<Out, In> {
  return {
    send: (message, transfer = []) => worker.postMessage(message, transfer),
    listen(onMessage, onFailure) {
      worker.onmessage = ({ data }) => onMessage(data);
      worker.onerror = ({ message }) => onFailure?.(message || 'its script cannot be loaded');
      worker.onmessageerror = () => onFailure?.('it sent what cannot be read');
    },
    stop: () => worker.terminate(),
    // A page does not wait for its workers to end.
    keepAlive() {},
  };
}
