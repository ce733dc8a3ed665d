import { checkOptionNames, invalidOption, show } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { TokenSplitter } from './added_tokens.js';
import { AllowedTokens } from './allowed_tokens.js';
import type {
  DecodeOptions,
  EncodeOptions,
  StreamDecoderOptions,
  Tokenization,
  TokenizeOptions,
} from './encode_options.js';
import type { Encoder } from './encoder.js';
import { tokenizerFiles } from './files/write.js';
import { MOST_IDS, tooLong } from './most_at_once.js';
import { createStreamDecoder, decodeIds, type StreamDecoder, tokenLength } from './stream_decoder.js';
import type { TokenTable } from './token_table.js';
import type { TokenizerParts } from './tokenizer_parts.js';

/** Converts text to token ids and back, as GPT-2 does. */
export class Tokenizer {
  /** One more than the highest token id. A model may have more ids than this, padded with unused ones. */
  readonly vocabSize: number;
  /** Special tokens by their text. */
  readonly specialTokens: ReadonlyMap<string, number>;
  /** The token that begins a text, if the tokenizer has one. */
  readonly bosTokenId: number | undefined;
  /** The token that ends a text, if the tokenizer has one. */
  readonly eosTokenId: number | undefined;
  /** The kind, such as "Unigram"; undefined for GPT-2's byte-level BPE. */
  declare readonly kind?: string;
  /** Whether what a token adds to a text depends on what comes after it, so that `tokenBytes` tells only its usual bytes. */
  declare readonly dependsOnNext?: boolean;
  /** Requests of the files that `encode` does not follow by itself, one sentence each: tokens around every text, cuts. */
  readonly notes: readonly string[];
  /**
   * The tokens of a text and the borders [T + 1] between their parts of it, in UTF-16 units: token i has what lies from
   * `borders[i]` to `borders[i + 1]`. Undefined if the decoded tokens are the text.
   */
  declare bordersIn?: (text: string) => {
    /** The T tokens. */
    readonly ids: readonly number[];
    /** The T + 1 borders. */
    readonly borders: Int32Array;
  };
  readonly #parts: TokenizerParts;
  readonly #tokens: TokenTable;
  readonly #addedIds: ReadonlyMap<string, number>;
  readonly #specialIds: ReadonlySet<number>;
  readonly #allowed: AllowedTokens<TokenSplitter>;
  readonly #addPrefixSpace: boolean;
  readonly #encoder: Encoder;

  constructor(parts: TokenizerParts) {
    this.#parts = parts;
    this.#tokens = parts.tokens;
    this.#addedIds = new Map(parts.addedTokens.map(({ content, id }) => [content, id]));
    this.#allowed = new AllowedTokens(parts.addedTokens, (tokens) => new TokenSplitter(tokens));
    this.#addPrefixSpace = parts.addPrefixSpace;
    this.#encoder = parts.createEncoder();
    this.vocabSize = parts.tokens.size;
    this.bosTokenId = parts.bosTokenId;
    this.eosTokenId = parts.eosTokenId;
    this.notes = parts.notes;
    const special = parts.addedTokens.filter((token) => token.special);
    this.specialTokens = new Map(special.map(({ content, id }) => [content, id]));
    this.#specialIds = new Set(this.specialTokens.values());
  }

  /**
   * The token ids of a text; no token is added at its beginning or end, unless `addSpecialTokens` is set. A lone
   * surrogate counts as U+FFFD. A text that the vocabulary lacks becomes its unknown token, or is left out if it has
   * none. Throws `invalid-option` for anything but a string and for a wrong option.
   */
  encode(text: string, options: EncodeOptions = {}): number[] {
    if (typeof text !== 'string') throw invalidOption('text', text, 'a string');
    checkOptionNames('encode', options, ['allowedSpecial', 'addSpecialTokens']);
    const ids = this.encodeUpTo(text, MOST_IDS, options) ?? tooLong();
    return (options.addSpecialTokens && this.#parts.around?.(ids)) || ids;
  }

  /**
   * The ids that `encode` returns, or `undefined` if there are more than `most`: this takes no longer than
   * encoding a text of `most` tokens.
   */
  encodeUpTo(text: string, most: number, options: EncodeOptions = {}): number[] | undefined {
    const ids: number[] = [];
    const utf8 = new TextEncoder();
    for (const part of this.#allowed.splitter(options.allowedSpecial).split(text)) {
      if (typeof part === 'number') {
        ids.push(part);
        continue;
      }
      const bytes = utf8.encode(this.#addPrefixSpace && part[0] !== ' ' ? ` ${part}` : part);
      if (!this.#encoder.encode(bytes, ids, most)) return undefined;
    }
    return ids.length > most ? undefined : ids;
  }

  /**
   * The tokens of a text, or of two, with the part of the text that each stands for. Throws as `encode` does, in a
   * promise: what few callers need is loaded on demand.
   */
  tokenize(text: string, options: TokenizeOptions = {}): Promise<Tokenization> {
    return this.#parts.tokenize(this, text, options);
  }

  /**
   * The text of token ids, special tokens included unless `skipSpecialTokens` is set; U+FFFD for bytes that are not
   * UTF-8. Throws `invalid-option` for an id without a token.
   */
  decode(ids: ArrayLike<number>, { skipSpecialTokens }: DecodeOptions = {}): string {
    if (typeof ids !== 'object' || typeof ids?.length !== 'number') {
      throw new Gpt2Error('invalid-option', `decode takes an array of token ids, not ${show(ids, true)}`);
    }
    const left = skipSpecialTokens ? Array.from(ids).filter((id) => !this.#specialIds.has(id)) : ids;
    return decodeIds(this.#tokens, left);
  }

  /** Decodes one id at a time, without ever returning half a character. */
  streamDecoder(_options?: StreamDecoderOptions): StreamDecoder {
    return createStreamDecoder(this.#tokens);
  }

  /** The id of the token with exactly this text; `undefined` if no token has it. */
  tokenToId(text: string): number | undefined {
    if (typeof text !== 'string') throw invalidOption('text', text, 'a string');
    const added = this.#addedIds.get(text);
    if (added !== undefined) return added;
    const bytes = new TextEncoder().encode(text);
    const id = this.#tokens.find(bytes, 0, bytes.length);
    return id === -1 ? undefined : id;
  }

  /**
   * The bytes of a token, which may be an incomplete part of a character's UTF-8. Throws `invalid-option`.
   */
  tokenBytes(id: number): Uint8Array {
    const length = tokenLength(this.#tokens, id);
    const start = this.#tokens.starts[id]!;
    return this.#tokens.bytes.slice(start, start + length);
  }

  /**
   * The tokens with which a text of these `bytes` (1 or more) can begin: those whose bytes begin with all of
   * them, and those whose bytes are their beginning. Special tokens are left out.
   */
  tokensAlong(bytes: Uint8Array): number[] {
    return this.#tokens.along(bytes).filter((id) => !this.#specialIds.has(id));
  }

  /**
   * The tokenizer in Hugging Face's files, by file name: tokenizer.json, vocab.json, merges.txt,
   * tokenizer_config.json and, if the tokenizer was read with them, special_tokens_map.json and
   * chat_template.jinja. `loadTokenizer` makes an equal tokenizer of them. What settings files say about
   * padding, chats and lengths is kept.
   */
  files(): Record<string, string> {
    return tokenizerFiles(this.#parts);
  }
}
