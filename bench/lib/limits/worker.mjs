// A thread with its own memory, which samples one limit for each message.
import { parentPort } from 'node:worker_threads';
import { summary } from '../stats.mjs';
import { Peaks } from './peaks.mjs';

const SAMPLES = 5;
const peaks = new Peaks('relaxed');
parentPort.postMessage('ready');
parentPort.on('message', (limit) => {
  parentPort.postMessage(summary(Array.from({ length: SAMPLES }, () => peaks[limit]())).median);
});
