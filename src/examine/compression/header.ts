import type { Bytes } from '../../base/bytes.js';
import { Gpt2Error } from '../../base/errors.js';
import { hexBytes } from '../../base/hex_bytes.js';
import { hashOfBytes } from '../../base/murmur.js';
import type { CoreIdentity } from '../../core/saving/identity.js';
import { KV_FORMATS } from '../../dtypes/kv_formats.js';
import { WEIGHT_FORMATS } from '../../dtypes/weight_formats.js';
import { type Cut, MOST_SEGMENTS } from './segments.js';

/*
 * A compressed file: "G2WZ"; a byte each for the version of this format, that of the core, build, weights, keys and
 * values; 8 bytes of the model's hash, 4 of the adapters' (zeros if there are none); as LEB128 numbers the context
 * length, stride, segments, tokens, bytes of the content, and bytes at its end that are stored as they are; 8 bytes of
 * the content's hash; the code of the tokens; the stored bytes; 4 bytes of the hash of all of this.
 */

const MAGIC = 'G2WZ';
/** Raised whenever other bytes are written for the same content. */
const VERSION = 1;
const BUILDS = ['simd', 'relaxed'];
const MODEL_DIGITS = 16;
const ADAPTER_DIGITS = 8;
const CONTENT_HASH = 8;
const FILE_HASH = 4;
/** No number has more bytes: 7 bits each. */
const MOST_NUMBER_BYTES = 7;

/** The header: what the content was compressed with, and what it is. */
export interface Header {
  readonly identity: CoreIdentity;
  readonly contextLength: number;
  readonly cut: Cut;
  /** Bytes of the content. */
  readonly bytes: number;
  /** How many of them, the last ones, are stored as they are. */
  readonly stored: number;
  /** The beginning of the content's hash in hexadecimal digits. */
  readonly hash: string;
}

/** The identity as a header holds it: the beginnings of the hashes. */
export function shortIdentity(identity: CoreIdentity): CoreIdentity {
  const { model, adapters } = identity;
  return {
    ...identity,
    model: model.slice(0, MODEL_DIGITS),
    adapters: adapters.slice(0, ADAPTER_DIGITS),
  };
}

/** The beginning of the hash of bytes, as a header holds it. */
export const contentHash = (content: Uint8Array) => hexBytes(hashBytes(content, CONTENT_HASH));

/** A file of its parts. */
export function writeFile(header: Header, code: Uint8Array, stored: Uint8Array): Bytes {
  const { identity, contextLength, cut, bytes, hash } = header;
  const { build, weights, kvCache, model, adapters } = identity;
  const codes = [
    VERSION,
    Number(identity.version),
    BUILDS.indexOf(build),
    (WEIGHT_FORMATS as readonly string[]).indexOf(weights),
    (KV_FORMATS as readonly string[]).indexOf(kvCache),
  ];
  const numbers = [contextLength, cut.stride, cut.segments, cut.tokens, bytes, stored.length];
  const head = [
    ...new TextEncoder().encode(MAGIC),
    ...codes,
    ...bytesOf(model),
    ...bytesOf(adapters.padEnd(ADAPTER_DIGITS, '0')),
    ...numbers.flatMap(numberBytes),
    ...bytesOf(hash),
  ];
  const file = new Uint8Array(head.length + code.length + stored.length + FILE_HASH);
  file.set(head);
  file.set(code, head.length);
  file.set(stored, head.length + code.length);
  file.set(hashBytes(file.subarray(0, -FILE_HASH), FILE_HASH), file.length - FILE_HASH);
  return file;
}

/** The parts of a file. Throws `invalid-file`. */
export function readFile(file: Uint8Array): { header: Header; code: Uint8Array; stored: Uint8Array } {
  const magic = new TextDecoder().decode(file.subarray(0, MAGIC.length));
  if (magic !== MAGIC) throw invalid('it does not begin as a compressed file does');
  const end = file.length - FILE_HASH;
  if (hexBytes(hashBytes(file.subarray(0, Math.max(0, end)), FILE_HASH)) !== hexBytes(file.subarray(end))) {
    throw invalid('it is cut off or was changed');
  }
  if (file[MAGIC.length] !== VERSION) throw invalid('it was written by another version of gpt2-wasm');
  const reader = new HeaderReader(file, MAGIC.length + 1);
  const identity = reader.identity();
  const [contextLength, stride, segments, tokens, bytes, storedBytes] = reader.numbers(6);
  const hash = reader.digits(CONTENT_HASH);
  const isPossible =
    stride! >= 1 && stride! <= contextLength! && segments! >= 1 && segments! <= MOST_SEGMENTS;
  // Each token stands for a byte or more.
  if (!isPossible || tokens! + storedBytes! > bytes! || reader.at + storedBytes! > end) {
    throw invalid('its header contradicts itself');
  }
  const cut = { tokens: tokens!, segments: segments!, stride: stride! };
  const header = { identity, contextLength: contextLength!, cut, bytes: bytes!, stored: storedBytes!, hash };
  const code = file.subarray(reader.at, end - storedBytes!);
  return { header, code, stored: file.subarray(end - storedBytes!, end) };
}

/** Reads the parts of a header after its magic. */
class HeaderReader {
  readonly #file: Uint8Array;
  at: number;

  constructor(file: Uint8Array, at: number) {
    this.#file = file;
    this.at = at;
  }

  identity(): CoreIdentity {
    const [version, build, weights, kvCache] = [this.#byte(), this.#byte(), this.#byte(), this.#byte()];
    const name = (names: readonly string[], index: number) => names[index] ?? `format ${index}`;
    const model = this.digits(MODEL_DIGITS / 2);
    const adapters = this.digits(ADAPTER_DIGITS / 2);
    return {
      version: `${version}`,
      build: name(BUILDS, build),
      weights: name(WEIGHT_FORMATS, weights),
      kvCache: name(KV_FORMATS, kvCache),
      model,
      adapters: /^0+$/.test(adapters) ? '' : adapters,
    };
  }

  numbers(count: number): number[] {
    return Array.from({ length: count }, () => this.#number());
  }

  digits(bytes: number): string {
    return hexBytes(Uint8Array.from({ length: bytes }, () => this.#byte()));
  }

  #number(): number {
    let value = 0;
    for (let i = 0; i < MOST_NUMBER_BYTES; i++) {
      const byte = this.#byte();
      value += (byte & 127) * 2 ** (7 * i);
      if (byte < 128) return value;
    }
    throw invalid('its header has a number that is too large');
  }

  #byte(): number {
    const byte = this.#file[this.at++];
    if (byte === undefined) throw invalid('its header is cut off');
    return byte;
  }
}

function numberBytes(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...numberBytes(Math.floor(value / 128))];
}

/** The first bytes of the hash of bytes. */
function hashBytes(bytes: Uint8Array, count: number): Uint8Array {
  return new Uint8Array(hashOfBytes(bytes).slice().buffer, 0, count);
}

const bytesOf = (digits: string) => Array.from(digits.matchAll(/../g), ([pair]) => Number.parseInt(pair, 16));

/** The error for bytes that cannot be decompressed. */
export const invalid = (why: string) =>
  new Gpt2Error('invalid-file', `these bytes cannot be decompressed: ${why}`);
