import type { ModelConfig } from '../config.js';
import { Gpt2Error } from '../errors.js';
import type { Completion, Token } from '../generate/completion.js';
import { type GenerateOptions, resolveOptions } from '../generate/options.js';
import { type Prompt, promptTokens } from '../generate/prompt.js';
import { TokenStream } from '../generate/token_stream.js';
import { startedEarly } from '../started_early.js';
import type { Connection } from './connection.js';
import type { StreamPlace } from './protocol.js';

/** A `Session` in the worker: the same calls, of which those that ask for something give a promise. */
export class WorkerSession {
  readonly #connection: Connection;
  readonly #config: ModelConfig;
  readonly #number: number;

  /** Use `WorkerModel.session`. */
  constructor(connection: Connection, config: ModelConfig, number: number) {
    this.#connection = connection;
    this.#config = config;
    this.#number = number;
  }

  /** The evaluated tokens, oldest first. */
  tokens(): Promise<number[]> {
    return this.#connection.call('tokens', [this.#number]);
  }

  async generate(prompt: Prompt, options: GenerateOptions = {}): Promise<Completion> {
    return drained(this.stream(prompt, options));
  }

  stream(prompt: Prompt, options: GenerateOptions = {}): TokenStream {
    return openStream(this.#connection, this.#config, { session: this.#number }, prompt, options);
  }

  fork(): WorkerSession {
    const number = this.#connection.newNumber();
    this.#connection.tell('fork', [this.#number, number]);
    return new WorkerSession(this.#connection, this.#config, number);
  }

  rewind(length: number): Promise<void> {
    return this.#connection.call('rewind', [this.#number, length]);
  }

  dispose(): void {
    this.#connection.tell('endSession', [this.#number]);
  }
}

/** A generation in the worker; options are checked here and now. */
export function openStream(
  connection: Connection,
  config: ModelConfig,
  place: StreamPlace,
  prompt: Prompt,
  options: GenerateOptions,
): TokenStream {
  connection.assertOpen();
  const { signal } = resolveOptions(options, config);
  const tokens = new RemoteTokens(connection, place, wirePrompt(prompt, config), options, signal);
  return new TokenStream(tokens, () => tokens.completion!);
}

/** A prompt as it can cross, token ids checked and listed; only the worker can tell what a text's are. */
export function wirePrompt(prompt: Prompt, config: ModelConfig): string | number[] {
  if (typeof prompt === 'string') return prompt;
  return promptTokens(prompt, config, () => {
    throw new Gpt2Error('invalid-option', 'the prompt is a text');
  });
}

export async function drained(stream: TokenStream): Promise<Completion> {
  while (!(await stream.next()).done);
  return stream.completion;
}

/** The tokens of a stream in the worker, each computed when it is asked for. */
class RemoteTokens implements AsyncGenerator<Token, void> {
  completion: Completion | undefined;
  readonly #connection: Connection;
  readonly #number: number;
  readonly #opened: Promise<void>;
  readonly #signal: AbortSignal | undefined;
  readonly #abort: () => void;
  #over = false;

  constructor(
    connection: Connection,
    place: StreamPlace,
    prompt: string | readonly number[],
    { signal: _, ...options }: GenerateOptions,
    signal: AbortSignal | undefined,
  ) {
    this.#connection = connection;
    this.#number = connection.newNumber();
    this.#opened = startedEarly(connection.call('stream', [this.#number, place, prompt, options]));
    this.#abort = () => connection.tell('abort', [this.#number]);
    this.#signal = signal;
    if (signal?.aborted) this.#abort();
    else signal?.addEventListener('abort', this.#abort);
  }

  async next(): Promise<IteratorResult<Token, void>> {
    if (this.#over) return { done: true, value: undefined };
    try {
      await this.#opened;
      const step = await this.#connection.call('next', [this.#number]);
      if ('token' in step) return { done: false, value: step.token };
      this.completion = step.completion;
    } catch (error) {
      this.#end();
      throw error;
    }
    this.#end();
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Token, void>> {
    if (!this.#over) {
      this.#end();
      await this.#opened;
      this.completion = await this.#connection.call('endStream', [this.#number]);
    }
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<Token, void>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #end(): void {
    this.#over = true;
    this.#signal?.removeEventListener('abort', this.#abort);
  }
}
