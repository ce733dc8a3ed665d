/** The properties that tokenizers without files share: a number of ids, and no special tokens. */
export abstract class TokenizerBase {
  /** One more than the highest id that may be sampled. */
  readonly vocabSize: number;
  readonly specialTokens: ReadonlyMap<string, number> = new Map();
  readonly bosTokenId = undefined;
  readonly eosTokenId = undefined;
  readonly notes: readonly string[] = [];
  /** Every id below `vocabSize` may be sampled; such tokenizers are not asked which ids have no text. */
  readonly hasNoGaps = true;

  constructor(vocabSize: number) {
    this.vocabSize = vocabSize;
  }
}
