import { append } from '../../base/append.js';
import { checkOptionNames, invalidOption, show } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { AddedToken } from '../added_tokens.js';
import { AllowedTokens } from '../allowed_tokens.js';
import type {
  DecodeOptions,
  EncodeOptions,
  StreamDecoderOptions,
  Tokenization,
  TokenizeOptions,
} from '../encode_options.js';
import { MOST_BYTES, MOST_IDS, tooLong } from '../most_at_once.js';
import { type StreamDecoder, unknownId } from '../stream_decoder.js';
import type { Tokenizer } from '../tokenizer.js';
import { AddedMatcher } from './added_matcher.js';
import { AlignedTokens } from './aligned_tokens.js';
import { checkAdded } from './check_added.js';
import type { EncodedToken } from './encoded_token.js';
import { bordersOf, offsetsIn } from './offsets.js';
import { PieceCache } from './piece_cache.js';
import type { PipelineParts } from './pipeline_parts.js';
import { around } from './post_processors/create.js';
import { type AlignedText, originalText } from './text/aligned_text.js';
import { checkGrowth } from './text/check_growth.js';
import { isToken, type Piece, splitPieces } from './text/pieces.js';
import { TokenBytes } from './token_bytes.js';
import { pipelineFiles } from './write_pipeline.js';

/** The two passes that split a text at added tokens: before and after it is normalized. */
interface AddedPasses {
  readonly before: AddedMatcher;
  readonly after: AddedMatcher;
}

/** A tokenizer of any kind: normalizer, pre-tokenizer, model, post-processor and decoder, one after the other. */
export class PipelineTokenizer implements Omit<Tokenizer, never> {
  readonly vocabSize: number;
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly bosTokenId: number | undefined;
  readonly eosTokenId: number | undefined;
  readonly notes: readonly string[];
  readonly kind: string;
  /** Whether what a token adds to a text depends on what comes after it, so that `tokenBytes` tells only its usual bytes. */
  readonly dependsOnNext: boolean;
  readonly #parts: PipelineParts;
  /** Texts of added tokens as they are decoded: normalized ones in their normalized form. */
  readonly #addedTexts: ReadonlyMap<number, string>;
  readonly #addedIds: ReadonlyMap<string, number>;
  readonly #specialIds: ReadonlySet<number>;
  readonly #allowed: AllowedTokens<AddedPasses>;
  readonly #cache = new PieceCache();
  /** Made when bytes are first asked for. */
  #bytes: TokenBytes | undefined;

  /** Throws `invalid-file` if an added token has the id of another token. */
  constructor(parts: PipelineParts) {
    const { addedTokens, model, file } = parts;
    this.#parts = parts;
    this.kind = model.kind;
    this.notes = parts.notes;
    this.bosTokenId = parts.bosTokenId;
    this.eosTokenId = parts.eosTokenId;
    this.dependsOnNext = parts.decoder.dependsOnNext;
    checkAdded(parts);
    this.#addedTexts = new Map(addedTokens.map((token) => [token.id, this.#decodedText(token)]));
    this.#addedIds = new Map(addedTokens.map(({ content, id }) => [content, id]));
    const special = addedTokens.filter((token) => token.special);
    this.specialTokens = new Map(special.map(({ content, id }) => [content, id]));
    this.#specialIds = new Set(this.specialTokens.values());
    this.vocabSize = addedTokens.reduce((size, { id }) => Math.max(size, id + 1), model.vocabulary.size);
    this.#allowed = new AllowedTokens(addedTokens, (tokens) => this.#passes(tokens));
    if (this.vocabSize === 0) throw new Gpt2Error('invalid-file', `${file}: the vocabulary is empty`);
  }

  encode(text: string, options: EncodeOptions = {}): number[] {
    checkText('encode', text);
    checkOptionNames('encode', options, ['allowedSpecial', 'addSpecialTokens']);
    const ids = this.encodeUpTo(text, MOST_IDS, options) ?? tooLong();
    return options.addSpecialTokens ? around(this.#parts.postProcessor, ids) : ids;
  }

  encodeUpTo(text: string, most: number, options: EncodeOptions = {}): number[] | undefined {
    const ids: number[] = [];
    const { model, asksForStart } = this.#parts;
    const encode = (piece: string, into: number[]) => model.encode(piece, { push: (id) => into.push(id) });
    for (const piece of this.#pieces(originalText(wellFormed(text), asksForStart), options)) {
      if (isToken(piece)) ids.push(piece.id);
      else this.#cache.encode(piece.text, ids, encode);
      if (ids.length > most) return undefined;
    }
    return ids;
  }

  async tokenize(text: string, options: TokenizeOptions = {}): Promise<Tokenization> {
    checkText('tokenize', text);
    checkOptionNames('tokenize', options, ['allowedSpecial', 'addSpecialTokens', 'pair']);
    const { pair, addSpecialTokens = false } = options;
    if (pair !== undefined) checkText('pair of tokenize', pair);
    const texts = [text, ...(pair === undefined ? [] : [pair])];
    const encoded = texts.map((one, index) => this.#alignedTokens(one, index, options));
    const tokens = this.#parts.postProcessor(encoded, addSpecialTokens).flat();
    return {
      ids: tokens.map(({ id }) => id),
      tokens: tokens.map((token) => token.text),
      offsets: offsetsIn(texts, tokens),
      typeIds: tokens.map(({ typeId }) => typeId),
      specialTokensMask: tokens.map(({ isAround }) => Number(isAround)),
    };
  }

  /** As `Tokenizer.bordersIn`. */
  bordersIn(text: string): { readonly ids: readonly number[]; readonly borders: Int32Array } {
    const tokens = this.#alignedTokens(text, 0, {});
    return { ids: tokens.map(({ id }) => id), borders: bordersOf(text, tokens) };
  }

  decode(ids: ArrayLike<number>, options: DecodeOptions = {}): string {
    if (typeof ids !== 'object' || typeof ids?.length !== 'number') {
      throw new Gpt2Error('invalid-option', `decode takes an array of token ids, not ${show(ids, true)}`);
    }
    checkOptionNames('decode', options, ['skipSpecialTokens']);
    const step = this.#parts.decoder.start();
    const texts: string[] = [];
    let length = 0;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      const token = this.#textOf(id);
      length += token.length;
      if (length > MOST_BYTES) tooLong();
      // As in the tokenizers library: a special token whose text is changed by normalization is not left out.
      if (options.skipSpecialTokens && this.specialTokens.has(token)) continue;
      append(texts, step.push(token));
    }
    return texts.join('') + step.end().join('');
  }

  streamDecoder({ continues = false }: StreamDecoderOptions = {}): StreamDecoder {
    if (continues) return this.#continuingDecoder();
    let step = this.#parts.decoder.start();
    return {
      push: (id) => step.push(this.#textOf(id)).join(''),
      end: () => {
        const rest = step.end().join('');
        step = this.#parts.decoder.start();
        return rest;
      },
    };
  }

  tokenToId(text: string): number | undefined {
    if (typeof text !== 'string') throw invalidOption('text', text, 'a string');
    const added = this.#addedIds.get(text);
    if (added !== undefined || text === '') return added;
    const { model, decoder } = this.#parts;
    const spelled = decoder.readsBytes ? undefined : model.vocabulary.idOf(text);
    return spelled ?? this.#tokenBytes.find(new TextEncoder().encode(text));
  }

  /** The bytes that the token adds to a text of other tokens. */
  tokenBytes(id: number): Uint8Array {
    const bytes = typeof id === 'number' ? this.#tokenBytes.of(id) : undefined;
    if (bytes === undefined) throw unknownId(id, this.vocabSize);
    return bytes;
  }

  tokensAlong(bytes: Uint8Array): number[] {
    return this.#tokenBytes.along(bytes).filter((id) => !this.#specialIds.has(id));
  }

  files(): Record<string, string> {
    return pipelineFiles(this.#parts);
  }

  get #tokenBytes(): TokenBytes {
    this.#bytes ??= new TokenBytes(this.vocabSize, (id) => {
      const text = this.#knownText(id);
      return text === undefined ? undefined : this.#parts.decoder.bytesWithin(text);
    });
    return this.#bytes;
  }

  /** A byte order mark is kept. */
  #continuingDecoder(): StreamDecoder {
    const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
    return {
      push: (id) => utf8.decode(this.tokenBytes(id), { stream: true }),
      end: () => utf8.decode(),
    };
  }

  #knownText(id: number): string | undefined {
    return this.#addedTexts.get(id) ?? this.#parts.model.vocabulary.textOf(id);
  }

  #textOf(id: number): string {
    const text = this.#knownText(id);
    if (text === undefined) throw unknownId(id, this.vocabSize);
    return text;
  }

  #decodedText({ content, normalized }: AddedToken): string {
    return normalized ? this.#normalize(originalText(content, false)).text : content;
  }

  #normalize(text: AlignedText): AlignedText {
    return this.#parts.normalizers.reduce((before, step) => {
      const normalized = step(before);
      checkGrowth(text.text.length, normalized.text.length);
      return normalized;
    }, text);
  }

  /** Special tokens come first: of two that are the same text after normalization they count. */
  #passes(tokens: readonly AddedToken[]): AddedPasses {
    const inOrder = [...tokens.filter(({ special }) => special), ...tokens.filter(({ special }) => !special)];
    const raw = inOrder.filter(({ normalized }) => !normalized);
    const normalized = inOrder.filter((token) => token.normalized);
    const contents = normalized.map((token) => this.#decodedText(token));
    return {
      before: new AddedMatcher(
        raw,
        raw.map(({ content }) => content),
      ),
      after: new AddedMatcher(normalized, contents),
    };
  }

  /** The pieces of a text, each of which the model encodes by itself, and the added tokens in it. */
  #pieces(text: AlignedText, { allowedSpecial }: EncodeOptions): readonly Piece[] {
    const { before, after } = this.#allowed.splitter(allowedSpecial);
    let pieces: readonly Piece[] = splitPieces([text], (part) => before.split(part));
    pieces = splitPieces(pieces, (part) => after.split(this.#normalize(part)));
    for (const split of this.#parts.preTokenizers) {
      pieces = splitPieces(pieces, split);
      checkGrowth(
        text.text.length,
        pieces.reduce((units, piece) => units + (isToken(piece) ? 0 : piece.text.length), 0),
      );
    }
    return pieces;
  }

  #alignedTokens(text: string, index: number, options: EncodeOptions): EncodedToken[] {
    const { model } = this.#parts;
    const tokens: EncodedToken[] = [];
    for (const piece of this.#pieces(originalText(wellFormed(text), true), options)) {
      if (isToken(piece)) tokens.push(foundToken(piece.id, piece.found, index));
      else model.encode(piece.text, new AlignedTokens(piece, model.vocabulary, tokens, index));
    }
    return tokens;
  }
}

function foundToken(id: number, { text, starts, ends }: AlignedText, index: number): EncodedToken {
  const span = { start: starts![0]!, end: ends!.at(-1)! };
  return { id, text, ...span, textIndex: index, typeId: index, isAround: false };
}

function checkText(call: string, text: unknown): void {
  if (typeof text !== 'string') {
    throw new Gpt2Error('invalid-option', `${call} takes a string, not ${show(text)}`);
  }
}

/** A text whose lone surrogates are U+FFFD. */
function wellFormed(text: string): string {
  return /\p{Surrogate}/u.test(text) ? text.replace(/\p{Surrogate}/gu, '\ufffd') : text;
}
