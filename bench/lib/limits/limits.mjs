import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { summary } from '../stats.mjs';

const CHILD = fileURLToPath(new URL('child.mjs', import.meta.url));
const THREADS = [1, 2];

/**
 * The machine's limits, measured in WebAssembly with 128-bit vectors in a separate process: `read` GB/s,
 * `multiplyAdd` GFLOP/s in f32 and `dot` GOP/s in whole numbers, on one thread and on two with a memory each.
 */
export class Limits {
  #child;
  #samples = Object.fromEntries(THREADS.map((threads) => [threads, []]));

  static async start({ node }) {
    const limits = new Limits();
    limits.#child = fork(CHILD, { execPath: node, execArgv: [] });
    await Promise.race([once(limits.#child, 'message'), once(limits.#child, 'exit').then(failed)]);
    return limits;
  }

  /** One sample of each, by number of threads. */
  async sample() {
    const sample = {};
    for (const threads of THREADS) {
      this.#child.send(threads);
      [sample[threads]] = await once(this.#child, 'message');
      this.#samples[threads].push(sample[threads]);
    }
    return sample;
  }

  /** By number of threads. */
  summaries() {
    const of = (samples, limit) => summary(samples.map((sample) => sample[limit]));
    return Object.fromEntries(
      Object.entries(this.#samples).map(([threads, samples]) => [
        threads,
        { read: of(samples, 'read'), multiplyAdd: of(samples, 'multiplyAdd'), dot: of(samples, 'dot') },
      ]),
    );
  }

  async end() {
    this.#child.disconnect();
    await once(this.#child, 'exit');
  }
}

function failed() {
  throw new Error(
    "the process that measures the machine's limits ended; it needs relaxed SIMD: Node 22 or newer",
  );
}
