import type { ThreadMessage } from '../../host/threads.js';
import { instantiateCore } from '../abi/exports.js';
import { runJob } from '../abi/job.js';
import { tune } from '../abi/tuning.js';
import { readJob, type ThreadStart } from './protocol.js';

/**
 * The main loop of a worker: computes its share of every job until it is terminated. Throws if a share fails.
 */
export async function serveJobs(start: ThreadStart, post: (message: ThreadMessage) => void): Promise<never> {
  const { module, memory, index, count, meeting, tuning } = start;
  const core = await instantiateCore(module, memory);
  tune(core, tuning);
  core.joinThreads(index, count, meeting);
  post('ready');
  for (let done = 0; ; ) {
    done = core.awaitJob(done);
    runJob(core, start, readJob(memory, start.job));
    if (index === 0) post('done');
  }
}
