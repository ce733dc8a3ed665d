import type { ModelConfig } from '../../architecture/gpt2/config.js';

/** How a watermark is read. */
export interface Reading {
  readonly config: Pick<ModelConfig, 'vocabSize' | 'bosTokenId' | 'eosTokenIds'>;
  readonly ignoreRepeatedNgrams: boolean;
  readonly byLength: boolean;
  /** Called before each token: lets others run now and then, and throws `aborted`. */
  step(done: number, total: number): Promise<void> | undefined;
}
