// A thread with a memory of its own, which samples one limit when it is asked.
import { parentPort } from 'node:worker_threads';
import { summary } from '../stats.mjs';
import { Peaks } from './peaks.mjs';

const SAMPLES = 5;
const peaks = new Peaks('relaxed');
parentPort.postMessage('ready');
parentPort.on('message', (limit) => {
  parentPort.postMessage(summary(Array.from({ length: SAMPLES }, () => peaks[limit]())).median);
});
