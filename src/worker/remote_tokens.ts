import { onAbort } from '../base/cancellation.js';
import { invalidOption } from '../base/check_options.js';
import type { Gpt2Error } from '../base/errors.js';
import { cancelOnCollected, onCollected } from '../base/finalization.js';
import { startedEarly } from '../base/started_early.js';
import type { Completion, Token } from '../generate/completion.js';
import type { GenerateOptions } from '../generate/options.js';
import { TokenStream } from '../generate/token_stream.js';
import type { Connection } from './connection.js';
import type { WireGenerateOptions } from './protocol.js';

/** A generation in the worker; prompt and options are checked. */
export interface RemoteGeneration {
  /** Opens the stream of this number with the options that can be sent. */
  open(stream: number, options: WireGenerateOptions): Promise<void>;
  readonly options: GenerateOptions;
  /** The model or session in this thread, which must not be garbage-collected before the stream. */
  readonly owner: object;
}

/** The tokens of a stream in the worker, each computed when `next` is called. */
class RemoteTokens<T extends Token, C extends Completion> implements AsyncIterator<T, void> {
  completion: C | undefined;
  readonly owner: object;
  readonly #connection: Connection;
  readonly #number: number;
  readonly #opened: Promise<void>;
  readonly #signal: AbortSignal | undefined;
  /** Resolves when all steps that were asked for are done; never rejects. */
  #steps: Promise<unknown> = Promise.resolve();
  #asking = false;
  #over = false;

  constructor(connection: Connection, { open, options, owner }: RemoteGeneration) {
    const { signal, ...rest } = options;
    const number = connection.newNumber();
    this.owner = owner;
    this.#connection = connection;
    this.#number = number;
    this.#signal = signal;
    this.#opened = startedEarly(
      open(number, rest).catch((error) => {
        throw unsendable(rest) ?? error;
      }),
    );
    onCollected(this, () => connection.notify('endStream', [number]));
  }

  next(): Promise<IteratorResult<T, void>> {
    const step = this.#steps.then(() => this.#step());
    this.#steps = step.catch(() => {});
    return step;
  }

  async #step(): Promise<IteratorResult<T, void>> {
    if (this.#over) return { done: true, value: undefined };
    this.#asking = true;
    if (this.#signal?.aborted) this.abort();
    const unlisten = onAbort(this.#signal, () => this.abort());
    try {
      await this.#opened;
      const step = await this.#connection.call('next', [this.#number]);
      if ('token' in step) return { done: false, value: step.token as T };
      this.completion = step.completion as C;
    } catch (error) {
      this.#end();
      throw error;
    } finally {
      this.#asking = false;
      unlisten();
    }
    this.#end();
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<T, void>> {
    // The running step, which `abort` ends, may turn out to be the last one.
    await this.#steps;
    if (!this.#over) {
      this.#end();
      await this.#opened;
      this.completion = (await this.#connection.call('endStream', [this.#number])) as C;
    }
    return { done: true, value: undefined };
  }

  /** Ends the running step early, which is then the last one. */
  abort(): void {
    if (this.#asking) this.#connection.notify('abort', [this.#number]);
  }

  #end(): void {
    this.#over = true;
    cancelOnCollected(this);
  }
}

/** The error for the first option that cannot be sent, such as a function. */
function unsendable(options: object): Gpt2Error | undefined {
  for (const [name, value] of Object.entries(options)) {
    try {
      structuredClone(value);
    } catch {
      return invalidOption(name, value, 'data that can be sent to a worker, without functions');
    }
  }
  return undefined;
}

/** The stream of a generation in the worker. */
export function openRemoteStream<T extends Token = Token, C extends Completion = Completion>(
  connection: Connection,
  generation: RemoteGeneration,
): TokenStream<T, C> {
  const tokens = new RemoteTokens<T, C>(connection, generation);
  return new TokenStream(
    tokens,
    () => tokens.completion!,
    () => tokens.abort(),
  );
}
