import { Gpt2Error } from '../base/errors.js';
import type { StreamDecoder } from './stream_decoder.js';
import type { Tokenizer } from './tokenizer.js';
import { TokenizerBase } from './tokenizer_base.js';

/** The tokenizer of a model that has none: ids are accepted, their text is empty, and texts are refused. */
export class IdsOnly extends TokenizerBase implements Omit<Tokenizer, never> {
  /** Why the model has no tokenizer, with advice. */
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

  tokenize(): never {
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

/** The tokenizer for a model that has none, for the reason `cause`. */
export function idsOnly(cause: Gpt2Error, modelVocabSize: number): Tokenizer {
  const advice = `${cause.message}; or pass one: loadModel(source, { tokenizer })`;
  // The methods are those of Tokenizer, but a class with private fields is a distinct type.
  return new IdsOnly(new Gpt2Error('not-found', advice, { cause }), modelVocabSize) as unknown as Tokenizer;
}
