import { modelDisposed } from '../../base/errors.js';
import type { CoreExports } from '../abi/exports.js';
import { type JobPlace, type JobRunner, OwnThread } from '../abi/job.js';
import { type Tuning, tune } from '../abi/tuning.js';
import { type Build, engineTuning } from '../binary.js';
import type { CoreMemory } from '../memory.js';
import { type ThreadPlan, withoutWorkers } from './plan.js';
import { ThreadPool } from './pool.js';
import { JOB_BYTES } from './protocol.js';

/** A linked instance of the core and its memory. */
export interface Linked<E extends CoreExports = CoreExports> {
  readonly module: WebAssembly.Module;
  readonly memory: CoreMemory;
  readonly core: E;
}

/** An instance of the core, its memory, and the threads that compute its jobs: the caller's own until others started. */
export class Machine<E extends CoreExports = CoreExports> {
  /** Computes the jobs. */
  runner: JobRunner;
  /** How many threads compute, and the reason for that number. */
  threads: ThreadPlan;
  /** What threads are told beside the memory that they share. */
  readonly #told: JobPlace & { readonly tuning: Tuning };
  #linked: Linked<E> | undefined;

  /** `place`: where jobs find their structures. */
  constructor(linked: Linked<E>, build: Build, threads: ThreadPlan, place: JobPlace) {
    this.#linked = linked;
    this.threads = threads;
    const tuning = engineTuning(build);
    tune(linked.core, tuning);
    this.#told = { ...place, tuning };
    this.runner = new OwnThread(linked.core, place);
  }

  /** Throws `disposed`. */
  get alive(): Linked<E> {
    if (this.#linked === undefined) throw modelDisposed();
    return this.#linked;
  }

  /** Resolves when the planned threads are ready. If they do not start, the caller's own thread computes. */
  async startThreads(): Promise<void> {
    const { count, platform } = this.threads;
    const { module, memory, core } = this.alive;
    if (platform === undefined) return;
    const meeting = memory.reserve(core.sharedBytes());
    const job = memory.reserve(JOB_BYTES);
    const shared = { ...this.#told, module, memory: memory.memory, count, meeting, job };
    try {
      this.runner = await ThreadPool.start(core, shared, platform);
    } catch (error) {
      this.threads = withoutWorkers(error);
    }
    if (this.#linked === undefined) this.runner.dispose();
  }

  /** Ends the threads and releases the memory. */
  dispose(): void {
    this.#linked = undefined;
    this.runner.dispose();
  }
}
