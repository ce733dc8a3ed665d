import { Gpt2Error, modelDisposed } from '../../base/errors.js';
import { startTimer, stopTimer } from '../../base/timers.js';
import type { Thread, ThreadEvents, ThreadPlatform } from '../../host/threads.js';
import type { CoreExports } from '../abi/exports.js';
import type { Job, JobRunner } from '../abi/job.js';
import { type ThreadStart, writeJob } from './protocol.js';

/** The start message of a model's threads, without the part that differs between them. */
export type PoolStart = Omit<ThreadStart, 'index'>;

/** If a worker takes longer than this to be ready, starting fails. */
const START_LIMIT_MS = 20_000;

function ended(cause: unknown): Gpt2Error {
  return new Gpt2Error('runtime', 'a worker thread of the model ended; load the model again', { cause });
}

/** The two functions that settle a promise. */
interface Waiting {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Workers that compute each job together, in one shared memory. The caller's thread computes nothing: it
 * writes the job into that memory and wakes the workers; its event loop runs until worker 0 reports that all
 * are done.
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
   * Starts the workers and waits until all are ready. Throws `runtime` if one does not start or takes longer
   * than `limitMs`, and then ends all of them.
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
      pool.#end(ended(error));
      throw error;
    }
    return pool;
  }

  /** Starts some workers at the same time and waits for all of them. */
  async #startGroup(indices: readonly number[], platform: ThreadPlatform, limitMs: number): Promise<void> {
    const timer = startTimer(() => {
      this.#end(ended(new Error(`one was not ready after ${limitMs / 1000} seconds`)));
    }, limitMs);
    let missing = indices.length;
    const events: ThreadEvents = {
      onMessage: (message) => {
        if (message === 'done' || --missing === 0) this.#settle();
      },
      onEnd: (cause) => this.#end(ended(cause)),
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
    this.#end(modelDisposed());
  }

  /** Calls `begin` and waits until the workers answer; the process stays alive until they do. */
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

  /** Ends all workers, since those that wait for a dead one would wait for ever. The first reason is kept. */
  #end(reason: Gpt2Error): void {
    if (this.#failure) return;
    this.#failure = reason;
    for (const worker of this.#workers) worker.terminate();
    this.#workers = [];
    this.#waiting?.reject(reason);
    this.#waiting = undefined;
  }
}
