import { isPromise, show } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { idList } from '../base/id_list.js';
import type { StreamDecoder } from './stream_decoder.js';
import type { EncodeOptions, Tokenizer } from './tokenizer.js';
import { TokenizerBase } from './tokenizer_base.js';

/** A tokenizer that the caller supplies: for a model whose tokenizer is of another kind, or missing. */
export interface TextTokenizer {
  /**
   * The token ids of a text, at once (no promise). `options.allowedSpecial` is that of the generation: the special
   * tokens that may be made from a text that spells them; a tokenizer may leave it alone.
   */
  encode(text: string, options?: EncodeOptions): ArrayLike<number>;
  /** The text of token ids. U+FFFD at its end means that the next ids may complete a character. */
  decode(ids: number[]): string;
  /** Ids from here on stand for no text and are never sampled. Default: the model's own count. */
  readonly vocabSize?: number | undefined;
}

/** Ids of a stream that are decoded together, at most; fewer where a character is not complete. */
const WINDOW = 64;

/** A tokenizer of one's own behind the calls of `Tokenizer`. What it throws is the cause of a `runtime` error. */
export class OwnTokenizer extends TokenizerBase implements Omit<Tokenizer, never> {
  readonly #own: TextTokenizer;
  /** Bytes of every token, once they were asked for. */
  #bytes: readonly Uint8Array[] | undefined;

  /** Throws `invalid-option` for what has no `encode` and `decode`. `modelVocabSize`: the ids that the model has. */
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
    if (typeof text !== 'string') {
      throw new Gpt2Error('invalid-option', `encode takes a string, not ${show(text)}`);
    }
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

  decode(ids: ArrayLike<number>): string {
    const text = called('decode', () =>
      this.#own.decode(idList(ids, 'what decode takes', 'an array of token ids')),
    );
    if (typeof text === 'string') return text;
    throw wrongResult('decode', text, 'a string, at once');
  }

  /**
   * Texts of growing lists of ids, each without what the one before had. A list starts anew from its latest ids when it
   * is long, so that a token takes the same time however long a stream is.
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

  /** The UTF-8 of the token's text alone. */
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

/** Whether a value has the calls of `Tokenizer`, such as one of another copy of this package. */
function isWhole(tokenizer: TextTokenizer | Tokenizer): tokenizer is Tokenizer {
  const { encodeUpTo, streamDecoder, tokenBytes } = (tokenizer ?? {}) as Partial<Tokenizer>;
  return [encodeUpTo, streamDecoder, tokenBytes].every((call) => typeof call === 'function');
}

/** The tokenizer that a caller gave. Throws `invalid-option`. */
export function givenTokenizer(tokenizer: TextTokenizer | Tokenizer, modelVocabSize: number): Tokenizer {
  // Same calls, but a class with private fields is a type of its own.
  return isWhole(tokenizer)
    ? tokenizer
    : (new OwnTokenizer(tokenizer, modelVocabSize) as unknown as Tokenizer);
}

/** An error of a source's tokenizer, with what helps if it is one that is not read. */
export function adviseOwn(error: unknown): unknown {
  if (!(error instanceof Gpt2Error) || error.code !== 'unsupported') return error;
  const advice = 'or pass a tokenizer of your own: loadModel(source, { tokenizer: { encode, decode } })';
  return new Gpt2Error('unsupported', `${error.message}; ${advice}`, { cause: error });
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
  // Its rejection is of no use any more.
  if (isPromise(value)) value.then(undefined, () => {});
  return new Gpt2Error(
    'invalid-option',
    `${name} of the tokenizer that was given returns ${found}; it must return ${right}`,
  );
}
