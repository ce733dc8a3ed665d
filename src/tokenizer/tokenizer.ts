import { checkOptionNames, show } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { type AddedToken, TokenSplitter } from './added_tokens.js';
import type { Encoder } from './encoder.js';
import { tokenizerFiles } from './files/write.js';
import { createStreamDecoder, decodeIds, type StreamDecoder, tokenLength } from './stream_decoder.js';
import type { TokenTable } from './token_table.js';
import type { TokenizerParts } from './tokenizer_parts.js';

/** How a text is encoded. */
export interface EncodeOptions {
  /**
   * The special tokens that a text may be encoded to by spelling them: none (the default: their text is then
   * encoded like any other), all, or the named ones. Text from untrusted people should be given none.
   */
  readonly allowedSpecial?: 'none' | 'all' | readonly string[];
}

/** Most special tokens that a message lists. */
const MOST_NAMED = 20;

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
  /** Requests of the files that `encode` does not follow, one sentence each: tokens around every text. */
  readonly notes: readonly string[];
  readonly #parts: TokenizerParts;
  readonly #tokens: TokenTable;
  readonly #addedTokens: readonly AddedToken[];
  readonly #addedIds: ReadonlyMap<string, number>;
  /** Splits at the added tokens that are not special. */
  readonly #plainSplitter: TokenSplitter;
  readonly #fullSplitter: TokenSplitter;
  /** The splitter for the special tokens that the last call named: most callers always name the same. */
  #named: { readonly names: ReadonlySet<string>; readonly splitter: TokenSplitter } | undefined;
  readonly #addPrefixSpace: boolean;
  readonly #encoder: Encoder;

  constructor(parts: TokenizerParts) {
    this.#parts = parts;
    this.#tokens = parts.tokens;
    this.#addedTokens = parts.addedTokens;
    this.#addedIds = new Map(parts.addedTokens.map(({ content, id }) => [content, id]));
    this.#plainSplitter = new TokenSplitter(parts.addedTokens.filter((token) => !token.special));
    this.#fullSplitter = new TokenSplitter(parts.addedTokens);
    this.#addPrefixSpace = parts.addPrefixSpace;
    this.#encoder = parts.createEncoder();
    this.vocabSize = parts.tokens.size;
    this.bosTokenId = parts.bosTokenId;
    this.eosTokenId = parts.eosTokenId;
    this.notes = parts.notes;
    const special = parts.addedTokens.filter((token) => token.special);
    this.specialTokens = new Map(special.map(({ content, id }) => [content, id]));
  }

  /**
   * The token ids of a text; no token is added at its beginning or end. A lone surrogate counts as U+FFFD.
   * Bytes that the vocabulary lacks become its unknown token, or are left out if it has none. Throws
   * `invalid-option` for anything but a string and for a wrong option.
   */
  encode(text: string, options: EncodeOptions = {}): number[] {
    if (typeof text !== 'string') {
      throw new Gpt2Error('invalid-option', `encode takes a string, not ${show(text)}`);
    }
    checkOptionNames('encode', options, ['allowedSpecial']);
    return this.encodeUpTo(text, Number.POSITIVE_INFINITY, options)!;
  }

  /**
   * The ids that `encode` returns, or `undefined` if there are more than `most`: this takes no longer than
   * encoding a text of `most` tokens.
   */
  encodeUpTo(text: string, most: number, options: EncodeOptions = {}): number[] | undefined {
    const ids: number[] = [];
    const utf8 = new TextEncoder();
    for (const part of this.#splitter(options.allowedSpecial).split(text)) {
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
   * The text of token ids, special tokens included; U+FFFD for bytes that are not UTF-8.
   * Throws `invalid-option` for an id without a token.
   */
  decode(ids: ArrayLike<number>): string {
    if (typeof ids !== 'object' || typeof ids?.length !== 'number') {
      throw new Gpt2Error('invalid-option', `decode takes an array of token ids, not ${show(ids)}`);
    }
    return decodeIds(this.#tokens, ids);
  }

  /** Decodes one id at a time, without ever returning half a character. */
  streamDecoder(): StreamDecoder {
    return createStreamDecoder(this.#tokens);
  }

  /** The id of the token with exactly this text; `undefined` if no token has it. */
  tokenToId(text: string): number | undefined {
    if (typeof text !== 'string') {
      throw new Gpt2Error('invalid-option', `tokenToId takes a string, not ${show(text)}`);
    }
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
    const special = new Set(this.specialTokens.values());
    return this.#tokens.along(bytes).filter((id) => !special.has(id));
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

  #splitter(allowed: EncodeOptions['allowedSpecial'] = 'none'): TokenSplitter {
    if (allowed === 'none') return this.#plainSplitter;
    if (allowed === 'all') return this.#fullSplitter;
    if (!Array.isArray(allowed)) {
      throw new Gpt2Error(
        'invalid-option',
        `allowedSpecial must be 'none', 'all' or an array of special tokens, not ${show(allowed)}`,
      );
    }
    const named = new Set(allowed);
    for (const name of named) {
      if (this.specialTokens.has(name)) continue;
      const all = [...this.specialTokens.keys()];
      const known = all.slice(0, MOST_NAMED).join(', ') || 'none';
      throw new Gpt2Error(
        'invalid-option',
        `allowedSpecial names ${show(name)}, which is not a special token of this tokenizer (it has ${known}${all.length > MOST_NAMED ? ` and ${all.length - MOST_NAMED} more` : ''})`,
      );
    }
    const isLast =
      this.#named?.names.size === named.size && [...named].every((name) => this.#named!.names.has(name));
    if (!isLast) {
      const tokens = this.#addedTokens.filter(({ special, content }) => !special || named.has(content));
      this.#named = { names: named, splitter: new TokenSplitter(tokens) };
    }
    return this.#named!.splitter;
  }
}
