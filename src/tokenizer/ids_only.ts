import { Gpt2Error } from '../base/errors.js';
import type { StreamDecoder } from './stream_decoder.js';
import type { Tokenizer } from './tokenizer.js';
import { TokenizerBase } from './tokenizer_base.js';

/** Stands in for a tokenizer that a model came without: ids work, their text is empty, and texts are refused. */
export class IdsOnly extends TokenizerBase implements Omit<Tokenizer, never> {
  /** Why there is no tokenizer, and what helps. */
  readonly reason: Gpt2Error;

  /** `modelVocabSize`: the ids that the model has. */
  constructor(reason: Gpt2Error, modelVocabSize: number) {
    super(modelVocabSize);
    this.reason = reason;
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
