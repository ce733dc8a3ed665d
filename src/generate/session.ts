import type { Cancellation } from '../base/cancellation.js';
import { show } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { type Lease, Leases, SingleSupply } from '../base/leases.js';
import { Resource } from '../base/resource.js';
import type { Core } from '../core/types.js';
import type { EncodeOptions, Tokenizer } from '../tokenizer/tokenizer.js';
import type { Completion, Token } from './completion.js';
import type { Generation } from './generation.js';
import { openStream } from './open_stream.js';
import type { GenerateOptions } from './options.js';
import { appendedText, type Prompt } from './prompt.js';
import { Sequence, sessionDisposed } from './sequence.js';
import { SessionText } from './session_text.js';
import { drained, type TokenStream } from './token_stream.js';

/** A stream that nobody reads for so long does not hold up the session's next generation. */
const REST_MS = 2000;

/**
 * A sequence of tokens with its KV cache, for generations that build on each other.
 *
 * Each prompt is the whole text so far: it replaces the session's tokens, but the longest prefix it has in
 * common with them is not evaluated again. After a generation the session holds the prompt and the generated
 * tokens but the last, which nobody needed to evaluate (with `n` > 1: the prompt alone; after a shift: what
 * it kept). A stop string cuts the text, not the session: the next prompt decides what stays. A chat need not
 * repeat itself: `append` adds to the text, and `generate` without a prompt continues it.
 *
 * One generation runs at a time; the next one waits for it to end. A stream that is left unread for two
 * seconds, or whose signal has fired, holds up nobody; read on, it evaluates its tokens again. Use `fork` for
 * several at a time.
 *
 * The KV cache is held until `dispose`, or until the session is garbage. Every call after `dispose` throws
 * `disposed`.
 */
export class Session extends Resource {
  readonly #core: Core;
  readonly #tokenizer: Tokenizer;
  readonly #sequence: Sequence;
  readonly #text: SessionText;
  readonly #turns = new Leases(new SingleSupply(), ['turn'], REST_MS);

  /**
   * Its KV cache is taken from the core by the first evaluation, which throws `out-of-memory` when there is
   * no room.
   */
  constructor(core: Core, tokenizer: Tokenizer) {
    super();
    this.#core = core;
    this.#tokenizer = tokenizer;
    this.#sequence = new Sequence(core, 'session');
    this.#text = new SessionText(tokenizer);
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
   * Adds text, or token ids, to the text of the session: the latest prompt and its completion as far as its
   * text goes (with `n` > 1 the prompt alone). It is evaluated by the next call of `generate` or `stream`
   * without a prompt. Throws `invalid-option`, also during a generation, whose end it would follow.
   */
  append(text: Prompt, options: EncodeOptions = {}): void {
    this.#assertIdle('append');
    // Checks the options, and that there is a tokenizer for text.
    if (typeof text === 'string') this.#tokenizer.encode('', options);
    this.#text.append(appendedText(text, this.#core.config), options?.allowedSpecial);
  }

  /**
   * Continues a prompt; without one, or with an empty one after `append`, the session's text. An empty one
   * starts from the model's beginning-of-text token, or its end-of-text token.
   *
   * Throws `invalid-option` for options, prompts and ids that cannot be used, `context-full` as `contextFull`
   * says, and `out-of-memory` if all of the model's memory is held by sessions.
   */
  async generate(prompt?: Prompt, options: GenerateOptions = {}): Promise<Completion> {
    return drained(this.stream(prompt, options));
  }

  /**
   * As `generate`, but gives out each token as it is sampled; the choices of `n` > 1 come one after the
   * other. Options and prompt are checked at once, the session is taken from the first token on.
   */
  stream(prompt?: Prompt, options: GenerateOptions = {}): TokenStream {
    this.#sequence.assertUsable();
    const continues = prompt === undefined ? this.#text.isThere : prompt === '' && this.#text.isAppended;
    if (continues) this.#assertIdle('generate without a prompt');
    const given = continues ? this.#text.tokens() : (prompt as Prompt);
    return openStream(this.#sequence, this.#tokenizer, given, options, (tokens, signal, generation) =>
      this.#inTurn(tokens, signal, generation),
    );
  }

  /**
   * Another session with the same tokens and a copy of their keys and values; possible also during a
   * generation. Throws `out-of-memory` if all of the model's memory is held by sessions.
   */
  fork(): Session {
    this.#sequence.assertUsable();
    const fork = new Session(this.#core, this.#tokenizer);
    fork.#sequence.copyFrom(this.#sequence);
    fork.#text.copyFrom(this.#text);
    return fork;
  }

  /**
   * Forgets every token after the first `length` (0 to the session's length). Refused during a generation.
   */
  rewind(length: number): void {
    this.#sequence.assertUsable();
    this.#assertIdle('rewind');
    if (!Number.isInteger(length) || length < 0 || length > this.length) {
      throw new Gpt2Error(
        'invalid-option',
        `rewind to ${show(length)}: the session has ${this.length} tokens, so the length must be an integer from 0 to ${this.length}`,
      );
    }
    this.#sequence.rewind(length);
    this.#text.replace(this.#sequence.tokens);
  }

  /**
   * Gives the KV cache back; a running generation throws `disposed` at its next token, those that wait at
   * once.
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

  /** The tokens of a generation when it has its turn, which rests while nobody asks for a token. */
  async *#inTurn(
    tokens: AsyncGenerator<Token, void>,
    signal: Cancellation,
    generation: Generation,
  ): AsyncGenerator<Token, void> {
    let turn: Lease<true> | undefined;
    try {
      for (;;) {
        if (!turn?.resume()) turn = await this.#turns.take('turn', signal);
        if (turn === undefined) return;
        const { done, value } = await tokens.next();
        if (done) return;
        turn.rest();
        yield value;
      }
    } finally {
      if (turn !== undefined) generation.continueIn(this.#text);
      turn?.end();
    }
  }

  #assertIdle(call: string): void {
    this.#sequence.assertUsable();
    const turn = this.#turns.takeNow('turn');
    if (turn === undefined) {
      throw new Gpt2Error(
        'invalid-option',
        `${call} was called while this session is generating; wait for it to end, leave its stream, or use fork()`,
      );
    }
    turn.end();
  }
}
