import { isJsonObject } from '../../../files/json_object.js';
import { type Part, stepsOf } from '../part.js';
import { patternOf } from '../regex/pattern.js';
import { checkGrowth } from '../text/check_growth.js';
import { byteFallback } from './byte_fallback.js';
import { ctc } from './ctc.js';
import type { Added, Decoder, DecodeStep } from './decode_step.js';
import { stripDecoder, stripTokens } from './ends.js';
import { byteLevel, fuse } from './fused.js';
import { perToken } from './per_token.js';
import { replaceDecoder } from './replace.js';
import { suffixDecoder } from './suffix.js';
import { wordPiece } from './word_piece.js';

/** By type: the function that reads a decoder; `isFused`: whether the decoders before it join the tokens. */
const DECODERS: Readonly<Record<string, (part: Part, isFused: boolean) => Decoder>> = {
  ByteLevel: () => byteLevel,
  ByteFallback: () => byteFallback,
  Fuse: () => fuse,
  WordPiece: (part) => perToken(wordPiece(part.text('prefix', '##'), part.flag('cleanup', true))),
  BPEDecoder(part) {
    const suffix = part.text('suffix', '</w>');
    if (suffix === '') throw part.unsupported('an empty suffix');
    return suffixDecoder(suffix);
  },
  Metaspace: metaspace,
  Replace(part) {
    const { pattern } = part.json;
    const width =
      isJsonObject(pattern) && typeof pattern.String === 'string' ? pattern.String.length : undefined;
    return replaceDecoder(patternOf(part), part.shortText('content'), width);
  },
  Strip(part, isFused) {
    const content = part.text('content', ' ');
    if ([...content].length !== 1)
      throw part.invalid(`content ${JSON.stringify(content)} is not one character`);
    return (isFused ? stripDecoder : stripTokens)(content, part.whole('start', 0), part.whole('stop', 0));
  },
  CTC: (part) =>
    ctc(part.text('pad_token', '<pad>'), part.text('word_delimiter_token', '|'), part.flag('cleanup', true)),
};

/** Turns marks into spaces; in the first token they are left out, unless none is put before a text. */
function metaspace(part: Part): Decoder {
  const mark = part.text('replacement', '\u2581');
  const adds = part.flag('add_prefix_space', true) ? 'always' : 'never';
  const isKept = part.text('prepend_scheme', adds) === 'never';
  return perToken((token, isFirst) => token.replaceAll(mark, isFirst && !isKept ? '' : ' '));
}

/** Joins tokens by spaces: a file without a decoder. */
const spaced = perToken((token, isFirst) => (isFirst ? token : ` ${token}`));

/** The decoders of a tokenizer, one after the other. */
export class DecoderChain {
  readonly #decoders: readonly Decoder[];
  /** Whether what a token adds to a text depends on what comes after it. */
  readonly dependsOnNext: boolean;

  constructor(decoders: readonly Decoder[]) {
    this.#decoders = decoders;
    this.dependsOnNext = decoders.some(({ dependsOnNext }) => dependsOnNext);
  }

  /** Whether the texts of tokens are in GPT-2's byte alphabet. */
  get readsBytes(): boolean {
    return this.#decoders.includes(byteLevel);
  }

  /** A step from the texts of tokens to parts of the text. */
  start(): DecodeStep {
    let isFused = false;
    const steps = this.#decoders.map((decoder) => {
      const step = decoder.start(isFused);
      isFused ||= decoder.fuses === true;
      return step;
    });
    let units = 0;
    const checked = (parts: readonly string[]) => {
      checkGrowth(
        units,
        parts.reduce((sum, { length }) => sum + length, 0),
      );
      return parts;
    };
    const through = (texts: readonly string[], from: number): readonly string[] => {
      let parts = texts;
      for (let i = from; i < steps.length && parts.length > 0; i++) {
        const step = steps[i]!;
        parts = checked(parts.length === 1 ? step.push(parts[0]!) : parts.flatMap((part) => step.push(part)));
      }
      return parts;
    };
    return {
      push(token) {
        units += token.length;
        return through([token], 0);
      },
      end: () => steps.flatMap((step, i) => through(checked(step.end()), i + 1)),
    };
  }

  /** The bytes that a token adds to a text of other tokens. */
  bytesWithin(token: string): Uint8Array {
    const added = this.#decoders.reduce<Added>((text, decoder) => {
      const within = decoder.within(text);
      checkGrowth(token.length, within.length);
      return within;
    }, token);
    return typeof added === 'string' ? new TextEncoder().encode(added) : added;
  }
}

/** Throws `invalid-file` and `unsupported`. */
export function createDecoder(value: unknown, file: string): DecoderChain {
  if (value === undefined || value === null) return new DecoderChain([spaced]);
  const decoders: Decoder[] = [];
  for (const step of stepsOf(value, 'decoder', 'decoders', file, DECODERS)) {
    const isFused = decoders.some(({ fuses }) => fuses);
    decoders.push(DECODERS[step.type]!(step, isFused));
  }
  return new DecoderChain(decoders);
}
