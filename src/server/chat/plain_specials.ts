import { append } from '../../base/append.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { ApiError } from '../api_error.js';

/** Values that nest deeper are refused. */
const DEEPEST = 64;

/** Keeps special tokens that people spell in their messages from becoming special tokens of the chat. */
export class PlainSpecials {
  readonly #tokenizer: Tokenizer;
  readonly #special: RegExp | undefined;
  // Nobody can write them, and no filter of a template changes them.
  readonly #open = mark();
  readonly #close = mark();

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
    const texts = [...tokenizer.specialTokens.keys()].filter((text) => text !== '');
    const escaped = texts
      .sort((a, b) => b.length - a.length)
      .map((text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
    if (escaped.length > 0) this.#special = new RegExp(escaped.join('|'), 'g');
  }

  /** A copy of a value of JSON in whose texts the special tokens are marked. Throws an ApiError if it nests deeply. */
  mark(value: unknown, depth = 0): unknown {
    if (depth > DEEPEST) {
      throw new ApiError(400, `a message or tool nests deeper than ${DEEPEST} levels`, {
        code: 'invalid_value',
      });
    }
    if (typeof value === 'string') return this.#marked(value);
    if (Array.isArray(value)) return value.map((item) => this.mark(item, depth + 1));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [this.#marked(key), this.mark(item, depth + 1)]),
    );
  }

  /** The tokens of a text that was written of marked ones; undefined if there are more than `most`. */
  encode(text: string, most: number): number[] | undefined {
    const ids: number[] = [];
    for (const [i, piece] of text.split(this.#open).entries()) {
      const [plain, rest] = i === 0 ? ['', piece] : pair(piece, this.#close);
      for (const [part, allowedSpecial] of [
        [plain, 'none'],
        [rest.replaceAll(this.#close, ''), 'all'],
      ] as const) {
        if (part === '') continue;
        const more = this.#tokenizer.encodeUpTo(part, most - ids.length, { allowedSpecial });
        if (more === undefined) return undefined;
        append(ids, more);
      }
    }
    return ids;
  }

  #marked(text: string): string {
    return this.#special === undefined ? text : text.replace(this.#special, `${this.#open}$&${this.#close}`);
  }
}

/** A text that nobody can guess. */
export const mark = (): string => `\uE000${crypto.getRandomValues(new Uint32Array(4)).join('')}\uE001`;

/** What is before a separator and after it; a text without one is all after it. */
function pair(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? ['', text] : [text.slice(0, at), text.slice(at + separator.length)];
}
