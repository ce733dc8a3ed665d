// The script of a thread that runs a model for `createWorkerModel`.
import { parentPort } from 'node:worker_threads';
import { serveModel } from './worker/server.js';

serveModel({
  send: (message, transfer = []) => parentPort!.postMessage(message, transfer as ArrayBuffer[]),
  listen(onMessage) {
    parentPort!.on('message', onMessage);
    parentPort!.on('messageerror', (error) => {
      throw error;
    });
  },
  stop: () => parentPort!.close(),
});
