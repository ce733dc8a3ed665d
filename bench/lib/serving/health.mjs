import { Worker } from 'node:worker_threads';
import { percentile } from './arithmetic.mjs';

const THREAD = new URL('health_thread.mjs', import.meta.url);

/** How long the server takes to say that it is there. */
export class HealthProbe {
  #thread;

  constructor(url) {
    this.#thread = new Worker(THREAD, { workerData: { url } });
  }

  /** The milliseconds of all answers since the last call; Infinity for those that failed. */
  take() {
    return new Promise((resolve) => {
      this.#thread.once('message', resolve);
      this.#thread.postMessage('take');
    });
  }

  end() {
    return this.#thread.terminate();
  }
}

/** The figures of some answers. */
export function healthOf(milliseconds) {
  return {
    p50: percentile(milliseconds, 0.5),
    p95: percentile(milliseconds, 0.95),
    most: Math.max(...milliseconds),
    count: milliseconds.length,
  };
}
