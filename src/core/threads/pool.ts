import { Gpt2Error } from '../../errors.js';
import type { CoreExports } from '../exports.js';
import type { Job, JobRunner } from '../job.js';
import { type Thread, type ThreadPlatform, type ThreadStart, writeJob } from './protocol.js';

/** All that the threads of one model share. */
export type PoolStart = Omit<ThreadStart, 'index'>;

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

  /** Starts the workers and waits until all are there. Throws `runtime` where one does not start. */
  static async start(core: CoreExports, start: PoolStart, platform: ThreadPlatform): Promise<ThreadPool> {
    const pool = new ThreadPool(core, start);
    let missing = start.count;
    await pool.#wait(() => {
      for (let index = 0; index < start.count; index++) {
        pool.#workers.push(
          platform.startThread(
            { ...start, index },
            {
              onMessage: (message) => {
                if (message === 'done' || --missing === 0) pool.#settle();
              },
              onEnd: (cause) =>
                pool.#end('runtime', 'a worker thread of the model ended; load the model again', cause),
            },
          ),
        );
      }
    });
    return pool;
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
