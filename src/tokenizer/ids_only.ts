import { Gpt2Error } from '../base/errors.js';
import type { StreamDecoder } from './stream_decoder.js';
import type { Tokenizer } from './tokenizer.js';

/** Stands in for a tokenizer that a model came without: ids work, their text is empty, and texts are refused. */
export class IdsOnly implements Omit<Tokenizer, never> {
  readonly vocabSize: number;
  readonly specialTokens: ReadonlyMap<string, number> = new Map();
  readonly bosTokenId = undefined;
  readonly eosTokenId = undefined;
  readonly notes: readonly string[] = [];
  /** Which ids have no text is not asked one by one: all below `vocabSize` may be sampled. */
  readonly hasNoGaps = true;
  /** Why there is no tokenizer, and what helps. */
  readonly reason: Gpt2Error;

  /** `modelVocabSize`: the ids that the model has. */
  constructor(reason: Gpt2Error, modelVocabSize: number) {
    this.reason = reason;
    this.vocabSize = modelVocabSize;
  }

  encode(): never {
    throw this.reason;
  }

  encodeUpTo(): never {
    throw this.reason;
  }

  decode(): string {
    return '';
  }

  streamDecoder(): StreamDecoder {
    return { push: () => '', end: () => '' };
  }

  tokenToId(): undefined {
    return undefined;
  }

  tokenBytes(): Uint8Array {
    return new Uint8Array(0);
  }

  tokensAlong(): number[] {
    return [];
  }

  files(): never {
    throw this.reason;
  }
}

/** What a model works with that came without a tokenizer, for the reason `cause`. */
export function idsOnly(cause: Gpt2Error, modelVocabSize: number): Tokenizer {
  const advice = `${cause.message}; or pass one: loadModel(source, { tokenizer })`;
  // Same calls, but a class with private fields is a type of its own.
  return new IdsOnly(new Gpt2Error('not-found', advice, { cause }), modelVocabSize) as unknown as Tokenizer;
}
