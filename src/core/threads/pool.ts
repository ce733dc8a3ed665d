import { Gpt2Error } from '../../base/errors.js';
import { startTimer, stopTimer } from '../../base/timers.js';
import type { Thread, ThreadEvents, ThreadPlatform } from '../../host/threads.js';
import type { CoreExports } from '../abi/exports.js';
import type { Job, JobRunner } from '../abi/job.js';
import { type ThreadStart, writeJob } from './protocol.js';

/** All that the threads of one model share. */
export type PoolStart = Omit<ThreadStart, 'index'>;

/** A worker that takes longer to be ready is given up. */
const START_LIMIT_MS = 20_000;

const ENDED = 'a worker thread of the model ended; load the model again';

/** Settles a promise from outside. */
interface Waiting {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Workers that compute every job together, on one memory. The caller's thread computes nothing: it writes a job
 * down, wakes the workers and goes on with its event loop until the first of them says that all are done.
 */
export class ThreadPool implements JobRunner {
  readonly #core: CoreExports;
  readonly #start: PoolStart;
  #workers: Thread[] = [];
  #waiting: Waiting | undefined;
  #failure: Gpt2Error | undefined;

  private constructor(core: CoreExports, start: PoolStart) {
    this.#core = core;
    this.#start = start;
  }

  /**
   * Starts the workers and waits until all are there. Throws `runtime` if one does not start, or takes longer than
   * `limitMs`; none is left then.
   */
  static async start(
    core: CoreExports,
    start: PoolStart,
    platform: ThreadPlatform,
    limitMs = START_LIMIT_MS,
  ): Promise<ThreadPool> {
    const pool = new ThreadPool(core, start);
    const indices = Array.from({ length: start.count }, (_, index) => index);
    try {
      for (const group of platform.oneByOne ? indices.map((index) => [index]) : [indices]) {
        await pool.#startGroup(group, platform, limitMs);
      }
    } catch (error) {
      pool.#end('runtime', ENDED, error);
      throw error;
    }
    return pool;
  }

  /** Starts workers at the same time, and waits for all of them. */
  async #startGroup(indices: readonly number[], platform: ThreadPlatform, limitMs: number): Promise<void> {
    const timer = startTimer(() => {
      this.#end('runtime', ENDED, new Error(`one was not ready after ${limitMs / 1000} seconds`));
    }, limitMs);
    let missing = indices.length;
    const events: ThreadEvents = {
      onMessage: (message) => {
        if (message === 'done' || --missing === 0) this.#settle();
      },
      onEnd: (cause) => this.#end('runtime', ENDED, cause),
    };
    try {
      await this.#wait(() => {
        for (const index of indices) {
          this.#workers.push(platform.startThread({ ...this.#start, index }, events));
        }
      });
    } finally {
      stopTimer(timer);
    }
  }

  run(job: Job): Promise<void> {
    return this.#wait(() => {
      const { memory, meeting, job: address } = this.#start;
      writeJob(memory, address, job);
      this.#core.announceJob(meeting);
    });
  }

  dispose(): void {
    this.#end('disposed', 'the model was disposed; load it again');
  }

  /** Begins something that the workers answer to; the process stays alive until they do. */
  #wait(begin: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure) throw this.#failure;
      this.#waiting = { resolve, reject };
      begin();
      this.#keepAlive(true);
    });
  }

  #settle(): void {
    this.#keepAlive(false);
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  #keepAlive(alive: boolean): void {
    for (const worker of this.#workers) worker.keepAlive(alive);
  }

  /** The first reason stays; a worker that waits for a dead one would wait for ever, so all are ended. */
  #end(code: 'runtime' | 'disposed', message: string, cause?: unknown): void {
    if (this.#failure) return;
    this.#failure = new Gpt2Error(code, message, { cause });
    for (const worker of this.#workers) worker.terminate();
    this.#workers = [];
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
  }
}
