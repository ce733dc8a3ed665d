// The process that measures the machine's limits. A message is a number of threads, the answer their figures.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

const THREADS = 2;
const LIMITS = ['read', 'multiplyAdd', 'dot'];

const workers = Array.from({ length: THREADS }, () => new Worker(new URL('worker.mjs', import.meta.url)));
await Promise.all(workers.map((worker) => once(worker, 'message')));
process.send('ready');

process.on('message', async (threads) => {
  const reached = {};
  for (const limit of LIMITS) {
    const rates = await Promise.all(
      workers.slice(0, threads).map(async (worker) => {
        worker.postMessage(limit);
        return (await once(worker, 'message'))[0];
      }),
    );
    reached[limit] = rates.reduce((sum, rate) => sum + rate, 0);
  }
  process.send(reached);
});
process.on('disconnect', () => process.exit());
