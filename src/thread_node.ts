// The script of a thread in Node's workers.
import { parentPort, workerData } from 'node:worker_threads';
import { serveJobs } from './core/threads/serve_jobs.js';

await serveJobs(workerData, (message) => parentPort?.postMessage(message));
