import { utf8Text } from '../base/utf8_text.js';
import { pieceEnd } from '../tokenizer/pretokenize/pretokenize.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { CompletionProcessor } from './processors/completion_processor.js';
import { HealingMask } from './processors/healing_mask.js';

/** A longer last piece, such as a long run of spaces, is not healed. */
const MOST_BYTES = 64;

/** A prompt without its last piece, which the completion must write again. */
export interface HealedPrompt {
  readonly ids: readonly number[];
  /** The bytes of the piece; none if the prompt is whole. */
  readonly rest: Uint8Array;
  /** UTF-16 units of the whole characters of `rest`, which the text of the completion leaves out. */
  readonly units: number;
  /** The processor that makes a completion begin with `rest`; each completion needs one. */
  createMask(): CompletionProcessor;
}

const NOTHING = new Uint8Array(0);

/**
 * Removes the last word, number, run of punctuation or white space of a prompt, so that the model writes it
 * again together with what follows ("token healing", as in guidance by Microsoft). A prompt that ends inside
 * a word, or with a space, has last tokens that hardly occur in texts.
 *
 * The prompt stays whole if it ends with a special token or half a character, if the piece is longer than 64
 * bytes, and if nothing is left and `start`, the token that stands for an empty prompt, is undefined.
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
  const healed = (ids: readonly number[], rest: Uint8Array) => ({
    ids,
    rest,
    units: unitsOf(rest),
    createMask: () => new HealingMask(rest, tokenizer),
  });
  const whole = healed(ids, NOTHING);
  if (bytes.length === 0 || utf8Text(bytes) === undefined) return whole;

  let piece = 0;
  for (let end = pieceEnd(bytes, 0, bytes.length); end < bytes.length; ) {
    piece = end;
    end = pieceEnd(bytes, end, bytes.length);
  }
  // A token that begins before the piece is removed with it.
  let kept = ids.length;
  let rest = bytes.length;
  while (rest > piece) rest -= tokenizer.tokenBytes(ids[--kept]!).length;
  if (bytes.length - rest > MOST_BYTES || (kept === 0 && start === undefined)) return whole;
  return healed(kept === 0 ? [start!] : ids.slice(0, kept), bytes.slice(rest));
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
