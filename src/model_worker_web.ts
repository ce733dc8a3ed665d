// The script of a worker that runs a model for `createWorkerModel`.
import { serveModel } from './worker/server.js';

const scope = globalThis as unknown as Worker;

serveModel({
  send: (message, transfer = []) => scope.postMessage(message, transfer),
  listen(onMessage) {
    scope.onmessage = ({ data }) => onMessage(data);
    scope.onmessageerror = () => reportError(new Error('it was sent what cannot be read'));
  },
  stop: () => close(),
});
