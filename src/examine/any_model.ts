import type { Model } from '../model/model.js';

/** A `Model` or a `WorkerModel`: the calls that both have. */
export type AnyModel = Pick<
  Model,
  | 'config'
  | 'generate'
  | 'stream'
  | 'score'
  | 'loglikelihood'
  | 'choose'
  | 'embed'
  | 'logits'
  | 'classify'
  | 'tag'
  | 'answer'
  | 'multipleChoice'
  | 'reward'
> & {
  /** The model's tokenizer, which answers at once or with a promise. */
  readonly tokenizer: {
    /** The text of token ids. */
    decode(ids: ArrayLike<number>): string | Promise<string>;
  };
};
