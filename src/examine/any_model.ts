import type { Model } from '../model/model.js';

/** A `Model` or a `WorkerModel`: the calls that both have. */
export type AnyModel = Pick<
  Model,
  'config' | 'generate' | 'stream' | 'score' | 'loglikelihood' | 'choose' | 'embed' | 'logits'
>;
