// Asks for /health every 100 ms, each time on a new connection, as probes of Kubernetes do: a slow answer delays no later
// question. In a thread of its own, so that the other clients' work is not measured.
import { get } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

const INTERVAL_MS = 100;
let taken = [];

setInterval(() => {
  const start = performance.now();
  const done = (ms) => taken.push(ms);
  get(`${workerData.url}/health`, { agent: false }, (response) => {
    response.resume();
    response.on('end', () => done(response.statusCode === 200 ? performance.now() - start : Infinity));
  }).on('error', () => done(Number.POSITIVE_INFINITY));
}, INTERVAL_MS);

parentPort.on('message', () => {
  parentPort.postMessage(taken);
  taken = [];
});
