import { pieceEnd } from '../tokenizer/pretokenize/pretokenize.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';

/** Longer ends of a prompt, such as long runs of spaces, stay as they are. */
const MOST_BYTES = 64;

/** A prompt without its last piece. */
export interface HealedPrompt {
  readonly ids: readonly number[];
  /** The bytes of the piece, with which the completion must begin. */
  readonly rest: Uint8Array;
  /** UTF-16 units of the whole characters of the rest, which the text of the completion leaves out. */
  readonly units: number;
}

const NOTHING = new Uint8Array(0);

/**
 * Takes the last word, number, run of punctuation or white space off a prompt, so that the model writes it again
 * together with what follows: a prompt that ends inside a word, or with a space, has tokens that hardly occur in texts
 * ("token healing", as in guidance by Microsoft). The prompt stays whole if nothing but the piece is in it and `start`,
 * the token that stands for an empty prompt, is undefined; if it ends with a special token or half a character.
 */
export function healPrompt(
  ids: readonly number[],
  tokenizer: Tokenizer,
  start: number | undefined,
): HealedPrompt {
  const special = new Set(tokenizer.specialTokens.values());
  let from = ids.length;
  while (from > 0 && !special.has(ids[from - 1]!)) from--;
  const bytes = join(ids.slice(from).map((id) => tokenizer.tokenBytes(id)));
  const whole = { ids, rest: NOTHING, units: 0 };
  if (bytes.length === 0 || !isUtf8(bytes)) return whole;

  let piece = 0;
  for (let end = pieceEnd(bytes, 0, bytes.length); end < bytes.length; ) {
    piece = end;
    end = pieceEnd(bytes, end, bytes.length);
  }
  // A token that began before the piece goes with it.
  let kept = ids.length;
  let rest = bytes.length;
  while (rest > piece) rest -= tokenizer.tokenBytes(ids[--kept]!).length;
  if (bytes.length - rest > MOST_BYTES || (kept === 0 && start === undefined)) return whole;
  const ending = bytes.slice(rest);
  return { ids: kept === 0 ? [start!] : ids.slice(0, kept), rest: ending, units: unitsOf(ending) };
}

/** Lets only tokens be drawn that write the rest of a healed prompt, or begin it, or write beyond it. */
export class HealingMask {
  readonly #rest: Uint8Array;
  readonly #tokenizer: Tokenizer;
  /** Tokens that may stand at each byte of the rest; empty if the rest cannot be written from there. */
  readonly #allowed = new Map<number, readonly number[]>();
  #written = 0;

  constructor(rest: Uint8Array, tokenizer: Tokenizer) {
    this.#rest = rest;
    this.#tokenizer = tokenizer;
  }

  /** Changes the logits [V] of the next token in place: all tokens that are not allowed become -Infinity. */
  apply(logits: Float32Array): void {
    if (this.#written >= this.#rest.length) return;
    const allowed = this.#at(this.#written);
    const kept = allowed.map((id) => logits[id]!);
    logits.fill(Number.NEGATIVE_INFINITY);
    allowed.forEach((id, i) => {
      logits[id] = kept[i]!;
    });
  }

  /** Takes the token that was drawn. */
  push(id: number): void {
    if (this.#written < this.#rest.length) this.#written += this.#tokenizer.tokenBytes(id).length;
  }

  #at(position: number): readonly number[] {
    let allowed = this.#allowed.get(position);
    if (allowed === undefined) {
      allowed = this.#tokenizer.tokensAlong(this.#rest.subarray(position)).filter((id) => {
        const next = position + this.#tokenizer.tokenBytes(id).length;
        return next >= this.#rest.length || this.#at(next).length > 0;
      });
      this.#allowed.set(position, allowed);
    }
    return allowed;
  }
}

function unitsOf(rest: Uint8Array): number {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(rest, { stream: true }).length;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
