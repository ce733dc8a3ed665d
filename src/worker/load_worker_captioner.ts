import type { ModelFiles } from '../files/model_files.js';
import type { WorkerCaptioner } from './worker_captioner.js';
import type { WorkerCaptionerOptions } from './worker_captioner_options.js';

/**
 * Loads a captioner in a separate worker, so that it never delays the caller; the worker also reads the images,
 * except those that only a page can draw. Sources as in `loadCaptioner`; array buffers of a source are moved to the
 * worker, images are copied.
 *
 * Throws as `loadCaptioner` does, and `runtime` if no worker starts. The worker ends with `dispose`.
 */
export async function loadWorkerCaptioner(
  source: string | URL | ModelFiles,
  options: WorkerCaptionerOptions = {},
): Promise<WorkerCaptioner> {
  // Loaded on demand, since pages that run captioners themselves do without it.
  const { createWorkerCaptioner } = await import('./worker_captioner.js');
  return createWorkerCaptioner(source, options);
}
