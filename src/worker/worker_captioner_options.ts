import type { LoadCaptionerOptions } from '../vision/captioner_options.js';

/** As in `loadCaptioner`, except that no tokenizer, adapters or source object can be passed. */
export interface WorkerCaptionerOptions extends Omit<LoadCaptionerOptions, 'tokenizer' | 'adapters'> {
  /** The worker to run in, instead of the package's own, as in `createWorkerModel`. */
  readonly worker?: Worker;
}
