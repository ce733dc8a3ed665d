import type { LoadCaptionerOptions } from '../vision/captioner_options.js';

/** As in `loadCaptioner`, except that neither a tokenizer nor a source object can be passed. */
export interface WorkerCaptionerOptions extends Omit<LoadCaptionerOptions, 'tokenizer'> {
  /** The worker to run in, instead of the package's own, as in `createWorkerModel`. */
  readonly worker?: Worker;
}
