import type { Cancellation } from '../base/cancellation.js';
import { show } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { failureOf } from '../base/failure.js';
import { Resource } from '../base/resource.js';
import { type Turn, Turns } from '../base/turns.js';
import type { Core } from '../core/types.js';
import type { EncodeOptions } from '../tokenizer/encode_options.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { Completion, Token } from './completion.js';
import type { Generation } from './generation.js';
import { openStream } from './open_stream.js';
import type { GenerateOptions } from './options.js';
import { appendedText, type Prompt } from './prompt.js';
import { refuseInputs } from './refuse_inputs.js';
import { Sequence, sessionDisposed } from './sequence.js';
import { SessionText, type TextState } from './session_text.js';
import { drained, type TokenStream } from './token_stream.js';

/** A stream that was not read for this long no longer blocks the session's next generation. */
const REST_MS = 2000;

/** Puts a session into bytes: its sequence and its text. */
export type SessionSaver = (sequence: Sequence, text: TextState) => Promise<Uint8Array>;

/** What a session begins with. */
export interface SessionStart {
  readonly sequence: Sequence;
  readonly text: TextState;
}

/**
 * A sequence of tokens with their keys and values, for generations that build on each other.
 *
 * A prompt is the whole text so far: it replaces the session's tokens, but the longest prefix that both share
 * is not evaluated again. After a generation the session holds the prompt and all generated tokens but the
 * last, which was not evaluated (with `n` or `returned` > 1 only the prompt; after a shift only the tokens that
 * it kept). A stop string cuts the text, but not the session's tokens: the next prompt decides which of them
 * stay. A chat need not repeat its text: `append` adds to it, and `generate` without a prompt continues it.
 *
 * One generation runs at a time; the next one waits for it to end. A stream that was not read for two
 * seconds, or whose signal has fired, no longer blocks the next one; if it is read later, it evaluates its
 * tokens again. Use `fork` for several generations at a time.
 *
 * Keys and values stay in memory until `dispose`, or until the session is garbage-collected; if the model's
 * memory is full, those of the session that has rested longest are evaluated again when it is used. Every call
 * after `dispose` throws `disposed`.
 */
export class Session extends Resource {
  readonly #core: Core;
  readonly #tokenizer: Tokenizer;
  readonly #sequence: Sequence;
  readonly #text: SessionText;
  readonly #turns = new Turns(REST_MS);
  readonly #saver: SessionSaver;

  /** Use `Model.session` or `Model.restore`. `start`: default: no tokens and no text. */
  constructor(core: Core, tokenizer: Tokenizer, saver: SessionSaver, start?: SessionStart) {
    super();
    this.#core = core;
    this.#tokenizer = tokenizer;
    this.#saver = saver;
    this.#sequence = start?.sequence ?? new Sequence(core, 'session');
    this.#text = new SessionText(tokenizer);
    if (start) this.#text.state = start.text;
  }

  /** A copy of the evaluated tokens, oldest first. */
  get tokens(): number[] {
    return this.#sequence.tokens.slice();
  }

  /** How many tokens are evaluated. */
  get length(): number {
    return this.#sequence.tokens.length;
  }

  /**
   * Adds text or token ids to the session's text, which is the latest prompt and the text of its completion
   * (with `n` or `returned` > 1 only the prompt). The next call of `generate` or `stream` without a prompt
   * evaluates it. Throws `invalid-option`, also while a generation is running.
   */
  append(text: Prompt, options: EncodeOptions = {}): void {
    this.#assertIdle('append');
    // Throws if the options are wrong or if there is no tokenizer for the text.
    if (typeof text === 'string') this.#tokenizer.encode('', options);
    this.#text.append(appendedText(text, this.#core.config), options?.allowedSpecial);
  }

  /**
   * Continues a prompt. Without one, or with an empty one after `append`, it continues the session's text. If
   * there is no text either, it starts from the model's beginning-of-text token, or else its end-of-text
   * token.
   *
   * Throws `invalid-option` for options, prompts and ids that cannot be used, `context-full` depending on the
   * option `contextFull`, and `out-of-memory` if the session alone does not fit into the model's memory.
   */
  async generate(prompt?: Prompt, options: GenerateOptions = {}): Promise<Completion> {
    return drained(this.stream(prompt, options));
  }

  /**
   * As `generate`, but yields each token as it is sampled; those of `n` > 1 choices take turns. A beam search
   * yields its texts one after the other, once it has ended. Prompt, names of options and common options are
   * checked by this call, rarely used options (see `GenerateOptions`) when the first token is asked for; the
   * session is in use only from then on.
   */
  stream(prompt?: Prompt, options: GenerateOptions = {}): TokenStream {
    this.#sequence.assertUsable();
    refuseInputs(options);
    const continues = prompt === undefined ? this.#text.isThere : prompt === '' && this.#text.isAppended;
    if (continues) this.#assertIdle('generate without a prompt');
    const given = continues ? this.#text.tokens() : (prompt as Prompt);
    return openStream(this.#sequence, this.#tokenizer, given, options, (tokens, signal, generation) =>
      this.#inTurn(tokens, signal, generation),
    );
  }

  /**
   * Another session with the same tokens, which shares their keys and values. May be called during a
   * generation.
   */
  fork(): Session {
    this.#sequence.assertUsable();
    const start = { sequence: this.#sequence.fork(), text: this.#text.state };
    return new Session(this.#core, this.#tokenizer, this.#saver, start);
  }

  /**
   * The session as bytes, for `Model.restore` of a model that was loaded in the same way, in any process: its
   * text, its tokens and their keys and values. Waits for a running generation, as another generation would.
   * They hold the session's text: keep them as you would keep that.
   */
  async save(): Promise<Uint8Array> {
    this.#sequence.assertUsable();
    const turn = await this.#turns.take();
    try {
      return await this.#saver(this.#sequence, this.#text.state);
    } catch (error) {
      throw await failureOf(error);
    } finally {
      turn?.end();
    }
  }

  /**
   * Removes all tokens after the first `length`, 0 to the session's length. Throws `invalid-option`, also
   * while a generation is running.
   */
  rewind(length: number): void {
    this.#sequence.assertUsable();
    this.#assertIdle('rewind');
    if (!Number.isInteger(length) || length < 0 || length > this.length) {
      throw new Gpt2Error(
        'invalid-option',
        `rewind to ${show(length)}: it must be an integer from 0 to ${this.length}`,
      );
    }
    this.#sequence.rewind(length);
    this.#text.replace(this.#sequence.tokens);
  }

  /**
   * Gives the memory back. A running generation throws `disposed` at its next token; those that wait throw
   * it at once.
   */
  dispose(): void {
    this.#sequence.release();
    this.#turns.close(sessionDisposed());
  }

  /** The name of the class. */
  get [Symbol.toStringTag](): string {
    return 'Session';
  }

  /** Plain data about the session, for consoles and `JSON.stringify`. */
  toJSON(): object {
    return { length: this.length };
  }

  /**
   * The tokens of a generation, once it has the session. Between two tokens it may lose the session to
   * others.
   */
  async *#inTurn(
    tokens: AsyncGenerator<Token, void>,
    signal: Cancellation,
    generation: () => Generation,
  ): AsyncGenerator<Token, void> {
    let turn: Turn | undefined;
    try {
      for (;;) {
        if (!turn?.resume()) turn = await this.#turns.take(signal);
        if (turn === undefined) return;
        const { done, value } = await tokens.next();
        if (done) return;
        turn.rest();
        yield value;
      }
    } finally {
      await tokens.return();
      if (turn?.resume()) generation().rewindUnread();
      if (turn !== undefined) generation().continueIn(this.#text);
      turn?.end();
    }
  }

  #assertIdle(call: string): void {
    this.#sequence.assertUsable();
    const turn = this.#turns.takeNow();
    if (turn === undefined) {
      throw new Gpt2Error(
        'invalid-option',
        `${call} was called while this session is generating; wait for it to end, leave its stream, or use fork()`,
      );
    }
    turn.end();
  }
}
