import { invalidOption, show } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { idList } from '../base/id_list.js';
import { isPromise } from '../base/is_promise.js';
import type { EncodeOptions } from './encode_options.js';
import type { StreamDecoder } from './stream_decoder.js';
import type { Tokenizer } from './tokenizer.js';
import { TokenizerBase } from './tokenizer_base.js';

/** A tokenizer that the caller supplies: for a model whose tokenizer is of another kind, or missing. */
export interface TextTokenizer {
  /**
   * The token ids of a text (no promise). `options.allowedSpecial` is the option of the generation: the
   * special tokens that the text may be encoded to by spelling them; a tokenizer may ignore it.
   */
  encode(text: string, options?: EncodeOptions): ArrayLike<number>;
  /** The text of token ids. U+FFFD at its end means that the next ids may complete a character. */
  decode(ids: number[]): string;
  /** Ids from here on stand for no text and are never sampled. Default: the model's own count. */
  readonly vocabSize?: number | undefined;
}

/** Ids of a stream that are decoded together: at most so many, unless a character is incomplete. */
const WINDOW = 64;

/**
 * A caller's tokenizer with the methods of `Tokenizer`. An error that it throws becomes the cause of a
 * `runtime` error.
 */
export class OwnTokenizer extends TokenizerBase implements Omit<Tokenizer, never> {
  readonly #own: TextTokenizer;
  /** Bytes of every token, once they have been asked for. */
  #bytes: readonly Uint8Array[] | undefined;

  /**
   * Throws `invalid-option` unless `own` has `encode` and `decode`. `modelVocabSize`: the number of the
   * model's ids.
   */
  constructor(own: TextTokenizer, modelVocabSize: number) {
    const { encode, decode, vocabSize = modelVocabSize } = (own ?? {}) as Partial<TextTokenizer>;
    if (typeof encode !== 'function' || typeof decode !== 'function') {
      throw new Gpt2Error(
        'invalid-option',
        `tokenizer is ${show(own)}; it must be what loadTokenizer gives, or have the functions encode(text) and decode(ids)`,
      );
    }
    if (!Number.isInteger(vocabSize) || vocabSize < 1) {
      throw new Gpt2Error(
        'invalid-option',
        `vocabSize of the tokenizer is ${show(vocabSize)}; it must be a whole number from 1 on, or left out`,
      );
    }
    super(vocabSize);
    this.#own = own;
  }

  encode(text: string, options: EncodeOptions = {}): number[] {
    if (typeof text !== 'string') throw invalidOption('text', text, 'a string');
    const ids = called('encode', () => this.#own.encode(text, options));
    if (typeof ids === 'object' && Number.isInteger(ids?.length)) {
      return idList(ids, 'what encode of the tokenizer that was given returns', 'an array of token ids');
    }
    throw wrongResult('encode', ids, 'an array of token ids, at once');
  }

  encodeUpTo(text: string, most: number, options: EncodeOptions = {}): number[] | undefined {
    const ids = this.encode(text, options);
    return ids.length > most ? undefined : ids;
  }

  async tokenize(): Promise<never> {
    throw new Gpt2Error(
      'unsupported',
      'a tokenizer of your own does not tell the part of a text of each token',
    );
  }

  decode(ids: ArrayLike<number>): string {
    const text = called('decode', () =>
      this.#own.decode(idList(ids, 'what decode takes', 'an array of token ids')),
    );
    if (typeof text === 'string') return text;
    throw wrongResult('decode', text, 'a string, at once');
  }

  /**
   * Decodes the list of all ids again for each new one, and returns the text beyond the previous one. A long
   * list is replaced by its latest ids, so that the time for a token does not grow with the stream.
   */
  streamDecoder(): StreamDecoder {
    let ids: number[] = [];
    let shown = '';
    const rest = (text: string) => {
      const fresh = text.slice(shown.length);
      shown = text.length > shown.length ? text : shown;
      return fresh;
    };
    return {
      push: (id) => {
        ids.push(id);
        const text = this.decode(ids);
        const certain = text.replace(/\ufffd+$/, '');
        const fresh = rest(certain);
        if (ids.length >= WINDOW && certain === text) {
          ids = ids.slice(-WINDOW / 2);
          shown = this.decode(ids);
        }
        return fresh;
      },
      end: () => {
        const fresh = ids.length > 0 ? rest(this.decode(ids)) : '';
        ids = [];
        shown = '';
        return fresh;
      },
    };
  }

  tokenToId(text: string): number | undefined {
    const ids = this.encode(text, { allowedSpecial: 'all' });
    return ids.length === 1 ? ids[0] : undefined;
  }

  /** The UTF-8 of the text of this token by itself. */
  tokenBytes(id: number): Uint8Array {
    return new TextEncoder().encode(this.decode([id]));
  }

  /** Decodes each token once, at the first call. */
  tokensAlong(bytes: Uint8Array): number[] {
    this.#bytes ??= Array.from({ length: this.vocabSize }, (_, id) => this.tokenBytes(id));
    return [...this.#bytes.keys()].filter((id) => {
      const token = this.#bytes![id]!;
      const common = Math.min(token.length, bytes.length);
      return common > 0 && token.subarray(0, common).every((byte, i) => byte === bytes[i]);
    });
  }

  files(): Record<string, string> {
    throw new Gpt2Error('unsupported', 'a tokenizer of your own has no files that could be written');
  }
}

/** Whether a value has the methods of `Tokenizer`, such as a tokenizer of another copy of this package. */
function isWhole(tokenizer: TextTokenizer | Tokenizer): tokenizer is Tokenizer {
  const { encodeUpTo, streamDecoder, tokenBytes } = (tokenizer ?? {}) as Partial<Tokenizer>;
  return [encodeUpTo, streamDecoder, tokenBytes].every((call) => typeof call === 'function');
}

/** The tokenizer that a caller gave. Throws `invalid-option`. */
export function givenTokenizer(tokenizer: TextTokenizer | Tokenizer, modelVocabSize: number): Tokenizer {
  // The methods are those of Tokenizer, but a class with private fields is a distinct type.
  return isWhole(tokenizer)
    ? tokenizer
    : (new OwnTokenizer(tokenizer, modelVocabSize) as unknown as Tokenizer);
}

function called<R>(name: string, call: () => R): R {
  try {
    return call();
  } catch (cause) {
    if (cause instanceof Gpt2Error) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Gpt2Error('runtime', `${name} of the tokenizer that was given failed: ${message}`, { cause });
  }
}

function wrongResult(name: string, value: unknown, right: string): Gpt2Error {
  const found = isPromise(value) ? 'a promise' : show(value);
  // Its rejection would be unhandled.
  if (isPromise(value)) value.then(undefined, () => {});
  return new Gpt2Error(
    'invalid-option',
    `${name} of the tokenizer that was given returns ${found}; it must return ${right}`,
  );
}
