import { isContinuation } from '../base/utf8.js';
import type { EncodeOptions } from '../tokenizer/encode_options.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { Choice } from './completion.js';

type AllowedSpecial = EncodeOptions['allowedSpecial'];

/** A session's text as plain data. */
export interface TextState {
  readonly ids: readonly number[];
  readonly rest: string;
  readonly allowedSpecial: AllowedSpecial;
  readonly isAppended: boolean;
}

/** The text of a session: token ids, followed by text that is not encoded yet. */
export class SessionText {
  readonly #tokenizer: Tokenizer;
  #ids: number[] = [];
  /** Text after the ids. It is encoded only when it is needed, since its last word may still grow. */
  #rest = '';
  #allowedSpecial: AllowedSpecial = 'none';
  /** Whether anything was appended since the latest generation. */
  #isAppended = false;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  /** Whether the session has any text. */
  get isThere(): boolean {
    return this.#isAppended || this.#ids.length > 0;
  }

  get isAppended(): boolean {
    return this.#isAppended;
  }

  /**
   * Adds text or token ids. Appended texts are joined before they are encoded, so that a word may come in
   * parts.
   */
  append(more: string | readonly number[], allowedSpecial: AllowedSpecial): void {
    this.#isAppended = true;
    if (typeof more !== 'string') {
      this.#encodeRest();
      this.#ids = this.#ids.concat(more);
      return;
    }
    // A special token that is allowed only in the new text must not be formed with the text before it.
    if (String(allowedSpecial) !== String(this.#allowedSpecial)) this.#encodeRest();
    this.#allowedSpecial = allowedSpecial;
    this.#rest += more;
  }

  /** The whole text as token ids. */
  tokens(): number[] {
    const rest = this.#encoded();
    return [...this.#ids, ...rest];
  }

  /** Replaces the text by token ids. */
  replace(ids: readonly number[]): void {
    this.#ids = ids.slice();
    this.#rest = '';
    this.#isAppended = false;
  }

  /**
   * Replaces the text by a prompt and its completion. The completion's tokens are kept as far as they lie
   * completely in its text, which a stop string may have cut inside a token; the rest is kept as text.
   * `healed`: how many bytes of the tokens belong to the prompt's text.
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

  get state(): TextState {
    return {
      ids: this.#ids.slice(),
      rest: this.#rest,
      allowedSpecial: this.#allowedSpecial,
      isAppended: this.#isAppended,
    };
  }

  set state({ ids, rest, allowedSpecial, isAppended }: TextState) {
    this.#ids = ids.slice();
    this.#rest = rest;
    this.#allowedSpecial = allowedSpecial;
    this.#isAppended = isAppended;
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
