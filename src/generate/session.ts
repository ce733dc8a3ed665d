import { show } from '../check_options.js';
import type { Core } from '../core/types.js';
import { Gpt2Error } from '../errors.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { Completion, Token } from './completion.js';
import { Generation } from './generation.js';
import { type GenerateOptions, resolveOptions } from './options.js';
import { type Prompt, promptTokens } from './prompt.js';
import { Sequence } from './sequence.js';
import { TokenStream } from './token_stream.js';

/**
 * A sequence of tokens with its KV cache, for generations that build on each other.
 *
 * Each prompt is the whole text so far, as in a chat: it replaces the session's tokens, but the longest prefix it
 * has in common with them is not evaluated again. After a generation the session holds the prompt and the generated
 * tokens but the last, which nobody needed to evaluate (with `n` > 1: the prompt alone; after a shift: what it
 * kept). A stop string cuts the text, not the session: the next prompt decides what stays.
 *
 * One generation runs at a time; another one meanwhile is refused with `invalid-option`. Use `fork` for several.
 * Every call after `dispose` throws `disposed`.
 */
export class Session {
  readonly #core: Core;
  readonly #tokenizer: Tokenizer;
  readonly #sequence: Sequence;
  #generating = false;

  /** Its KV cache is taken from the core by the first evaluation, which throws `out-of-memory` when there is no room. */
  constructor(core: Core, tokenizer: Tokenizer) {
    this.#core = core;
    this.#tokenizer = tokenizer;
    this.#sequence = new Sequence(core);
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
   * Continues a prompt. An empty one starts from the model's beginning-of-text token, or its end-of-text token.
   *
   * Throws `invalid-option` for options, prompts and ids that cannot be used, `context-full` as `contextFull` says.
   */
  async generate(prompt: Prompt, options: GenerateOptions = {}): Promise<Completion> {
    const stream = this.stream(prompt, options);
    while (!(await stream.next()).done);
    return stream.completion;
  }

  /**
   * As `generate`, but gives out each token as it is sampled; the choices of `n` > 1 come one after the other.
   * Options and prompt are checked at once, the session is taken from the first token on.
   */
  stream(prompt: Prompt, options: GenerateOptions = {}): TokenStream {
    this.#sequence.assertUsable();
    const resolved = resolveOptions(options, this.#core.config);
    const ids = promptTokens(prompt, this.#core.config, () => this.#tokenizer, resolved.allowedSpecial);
    const generation = new Generation(this.#sequence, this.#tokenizer, ids, resolved);
    return new TokenStream(this.#exclusively(generation), () => generation.completion());
  }

  /** Another session with the same tokens and a copy of their keys and values; possible also during a generation. */
  fork(): Session {
    this.#sequence.assertUsable();
    const fork = new Session(this.#core, this.#tokenizer);
    fork.#sequence.copyFrom(this.#sequence);
    return fork;
  }

  /** Forgets every token after the first `length` (0 to the session's length). */
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
  }

  /** Gives the KV cache back; a running generation throws `disposed` at its next token. */
  dispose(): void {
    this.#sequence.release();
  }

  async *#exclusively(generation: Generation): AsyncGenerator<Token, void> {
    this.#assertIdle('generate');
    this.#generating = true;
    try {
      yield* generation.tokens();
    } finally {
      this.#generating = false;
    }
  }

  #assertIdle(call: string): void {
    if (!this.#generating) return;
    throw new Gpt2Error(
      'invalid-option',
      `${call} was called while this session is generating; wait for it to end, leave its stream, or use fork()`,
    );
  }
}
