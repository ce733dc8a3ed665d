import { Worker } from 'node:worker_threads';
import { FIRST_BYTE, LENGTH, MOST_SHARED, NUMBER, type Progress, type RunnerData } from './protocol.js';

/** An input that failed. */
export interface Failure {
  readonly input: Uint8Array;
  readonly why: string;
}

/** Longest time that an input may take, and how often it is looked at. */
const LONGEST_MS = 2000;
const WATCH_MS = 250;
/** Runners are started anew after so many inputs, so that memory that they keep shows. */
const INPUTS_OF_A_RUNNER = 20_000;
const MOST_FAILURES = 20;

/** Reads inputs of one target until its time is over, in runners that are ended if an input takes too long. */
export class FuzzRun {
  readonly #name: string;
  readonly #seed: number;
  readonly #inputs: number;
  readonly #end: number;
  readonly #failures: Failure[] = [];
  #next = 0;
  #pool = 0;
  #blocks = 0;

  constructor(name: string, seed: number, inputs: number, ms: number) {
    this.#name = name;
    this.#seed = seed;
    this.#inputs = inputs;
    this.#end = performance.now() + ms;
  }

  async finish() {
    while (
      this.#next < this.#inputs &&
      performance.now() < this.#end &&
      this.#failures.length < MOST_FAILURES
    ) {
      await this.#runner();
    }
    return { inputs: this.#next, failures: this.#failures, pool: this.#pool, blocks: this.#blocks };
  }

  #runner(): Promise<void> {
    const first = this.#next;
    const inputs = Math.min(INPUTS_OF_A_RUNNER, this.#inputs - first);
    const shared = new SharedArrayBuffer(FIRST_BYTE + MOST_SHARED);
    const numbers = new Int32Array(shared, 0, FIRST_BYTE / 4);
    const workerData: RunnerData = { name: this.#name, seed: this.#seed, first, inputs, shared };
    const resourceLimits = { maxOldGenerationSizeMb: 512 };
    const worker = new Worker(new URL('./runner.ts', import.meta.url), { workerData, resourceLimits });
    return new Promise((resolve) => {
      let last = -1;
      let since = performance.now();
      const current = () =>
        new Uint8Array(shared, FIRST_BYTE, Math.min(MOST_SHARED, numbers[LENGTH]!)).slice();
      const end = (why?: string) => {
        clearInterval(timer);
        this.#next = Math.max(this.#next, Atomics.load(numbers, NUMBER) + 1);
        if (why !== undefined) this.#failures.push({ input: current(), why });
        worker.removeAllListeners();
        void worker.terminate().then(() => resolve());
      };
      const timer = setInterval(() => {
        const number = Atomics.load(numbers, NUMBER);
        const now = performance.now();
        if (number !== last) [last, since] = [number, now];
        // Starting takes longer than an input.
        else if (number > first && now - since > LONGEST_MS) return end(`it took more than ${LONGEST_MS} ms`);
        if (now > this.#end || this.#failures.length >= MOST_FAILURES) end();
      }, WATCH_MS);
      worker.on('message', (progress: Progress) => {
        if (progress.kind === 'failure') {
          if (this.#failures.length < MOST_FAILURES) this.#failures.push(progress);
          return;
        }
        this.#pool = Math.max(this.#pool, progress.pool);
        this.#blocks = Math.max(this.#blocks, progress.blocks);
        if (progress.kind === 'done') end();
      });
      worker.on('error', (error) => end(error.stack ?? String(error)));
    });
  }
}
