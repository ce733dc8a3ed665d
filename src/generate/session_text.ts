import { isContinuation } from '../base/utf8.js';
import type { EncodeOptions, Tokenizer } from '../tokenizer/tokenizer.js';
import type { Choice } from './completion.js';

type AllowedSpecial = EncodeOptions['allowedSpecial'];

/** The text of a session so far: token ids, and text behind them that is not encoded yet. */
export class SessionText {
  readonly #tokenizer: Tokenizer;
  #ids: number[] = [];
  /** Text whose last word may still grow, so that it is encoded when it is needed. */
  #rest = '';
  #allowedSpecial: AllowedSpecial = 'none';
  /** Something was appended since the latest generation. */
  #isAppended = false;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  /** The session has a text. */
  get isThere(): boolean {
    return this.#isAppended || this.#ids.length > 0;
  }

  get isAppended(): boolean {
    return this.#isAppended;
  }

  /** Adds text or token ids. Text joins text before it, so that a word may come in parts. */
  append(more: string | readonly number[], allowedSpecial: AllowedSpecial): void {
    this.#isAppended = true;
    if (typeof more !== 'string') {
      this.#encodeRest();
      this.#ids = this.#ids.concat(more);
      return;
    }
    // Special tokens that one text may spell must not be made from the text before it.
    if (String(allowedSpecial) !== String(this.#allowedSpecial)) this.#encodeRest();
    this.#allowedSpecial = allowedSpecial;
    this.#rest += more;
  }

  /** All of it as token ids. */
  tokens(): number[] {
    const rest = this.#encoded();
    return [...this.#ids, ...rest];
  }

  /** The text is that of token ids alone. */
  replace(ids: readonly number[]): void {
    this.#ids = ids.slice();
    this.#rest = '';
    this.#isAppended = false;
  }

  /**
   * The text is a prompt with its completion: the tokens that are whole in the completion's text, and the
   * rest of the text behind them, which a stop string cuts off its token. `healed`: bytes of the tokens that
   * belong to the prompt.
   */
  complete(prompt: readonly number[], { tokens, text, finishReason }: Choice, healed: number): void {
    this.replace(prompt);
    const bytes = new TextEncoder().encode(text);
    const sampled = finishReason === 'eos' ? tokens.slice(0, -1) : tokens;
    let end = -healed;
    let kept = 0;
    let keptEnd = end;
    for (const [i, id] of sampled.entries()) {
      end += this.#tokenizer.tokenBytes(id).length;
      if (end > bytes.length) break;
      if (end < bytes.length && isContinuation(bytes[Math.max(0, end)]!)) continue;
      kept = i + 1;
      keptEnd = end;
    }
    this.#ids = this.#ids.concat(sampled.slice(0, kept));
    this.#rest = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(Math.max(0, keptEnd)));
    this.#allowedSpecial = 'none';
  }

  copyFrom(other: SessionText): void {
    this.#ids = other.#ids.slice();
    this.#rest = other.#rest;
    this.#allowedSpecial = other.#allowedSpecial;
    this.#isAppended = other.#isAppended;
  }

  #encoded(): number[] {
    if (this.#rest === '') return [];
    return this.#tokenizer.encode(this.#rest, { allowedSpecial: this.#allowedSpecial ?? 'none' });
  }

  #encodeRest(): void {
    this.#ids = this.#ids.concat(this.#encoded());
    this.#rest = '';
  }
}
