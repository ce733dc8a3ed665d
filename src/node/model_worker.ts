// The script of a thread that runs a model for `createWorkerModel`.
import { parentPort } from 'node:worker_threads';
import { serveModel } from '../worker/server.js';

serveModel({
  send: (message, transfer = []) => parentPort!.postMessage(message, transfer as ArrayBuffer[]),
  listen: (onMessage) => void parentPort!.on('message', onMessage),
  stop: () => parentPort!.close(),
});
