/** The parts of `Tokenizer` that are the same for all stand-ins: a model's ids without special tokens. */
export abstract class TokenizerBase {
  /** The ids that the model has, or fewer. */
  readonly vocabSize: number;
  readonly specialTokens: ReadonlyMap<string, number> = new Map();
  readonly bosTokenId = undefined;
  readonly eosTokenId = undefined;
  readonly notes: readonly string[] = [];
  /** All ids below `vocabSize` may be sampled: they are not searched for ids without text. */
  readonly hasNoGaps = true;

  constructor(vocabSize: number) {
    this.vocabSize = vocabSize;
  }
}
