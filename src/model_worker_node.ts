// The script of a thread that runs a model for `createWorkerModel`.
import { parentPort } from 'node:worker_threads';
import { aborted } from './base/errors.js';
import { END, endWorker, running, shallEnd } from './host/node_worker_end.js';
import { serveModel } from './worker/server.js';

serveModel({
  send(message, transfer = []) {
    // Ends what reports its progress, such as reading a model.
    if (shallEnd() && ('progress' in message || 'download' in message)) throw aborted(undefined, 'the work');
    parentPort!.postMessage(message, transfer as ArrayBuffer[]);
  },
  listen(onMessage) {
    parentPort!.on('message', (message) => {
      if (message === END) endWorker();
      else if (!shallEnd()) onMessage(message);
    });
    parentPort!.on('messageerror', (error) => {
      throw error;
    });
  },
  stop: () => parentPort!.close(),
});
running();
