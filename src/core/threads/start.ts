import type { CoreExports } from '../abi/exports.js';
import type { JobPlace, JobRunner } from '../abi/job.js';
import type { Tuning } from '../abi/tuning.js';
import type { CoreMemory } from '../memory.js';
import { type ThreadPlan, withoutWorkers } from './plan.js';
import { ThreadPool } from './pool.js';
import { JOB_BYTES } from './protocol.js';

/** An instance whose jobs can be computed by threads. */
export interface ThreadedCore {
  readonly module: WebAssembly.Module;
  readonly memory: CoreMemory;
  readonly core: CoreExports;
  readonly place: JobPlace;
  readonly tuning: Tuning;
}

/**
 * Starts the planned threads, which then compute in place of `alone`, the caller's own thread. If none are
 * planned or they do not start, `alone` keeps computing and the returned plan gives the reason.
 */
export async function startThreads(
  { module, memory, core, place, tuning }: ThreadedCore,
  threads: ThreadPlan,
  alone: JobRunner,
): Promise<{ runner: JobRunner; threads: ThreadPlan }> {
  const { count, platform } = threads;
  if (platform === undefined) return { runner: alone, threads };
  const meeting = memory.reserve(core.sharedBytes());
  const job = memory.reserve(JOB_BYTES);
  const shared = { ...place, module, memory: memory.memory, count, meeting, job, tuning };
  try {
    return { runner: await ThreadPool.start(core, shared, platform), threads };
  } catch (error) {
    return { runner: alone, threads: withoutWorkers(error) };
  }
}
