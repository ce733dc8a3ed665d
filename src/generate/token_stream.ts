/// <reference lib="esnext.disposable" preserve="true" />
import { Gpt2Error } from '../base/errors.js';
import { failureOf } from '../base/failure.js';
import { nextTask } from '../base/next_task.js';
import { Queue } from '../base/queue.js';
import { startedEarly } from '../base/started_early.js';
import type { Completion, Token } from './completion.js';

/**
 * The tokens of a generation. Each is computed when it is asked for, and leaving the loop ends the work at
 * once. A stream can be iterated once.
 */
export class TokenStream<T extends Token = Token, C extends Completion = Completion>
  implements AsyncIterableIterator<T>
{
  readonly #tokens: AsyncIterator<T, void>;
  readonly #leave: () => void;
  readonly #completion: Promise<C>;
  readonly #resolve: () => void;
  readonly #reject: (error: unknown) => void;
  /** Tokens that were computed for `completion`, for a consumer that may still come. */
  #ahead = new Queue<Promise<IteratorResult<T, undefined>>>();
  /** Whether the tokens are being read, or computed for `completion`, or the consumer has left. */
  #begun = false;
  #iterated = false;

  /** `leave` ends a running step early. */
  constructor(tokens: AsyncIterator<T, void>, completion: () => C, leave: () => void) {
    this.#tokens = tokens;
    this.#leave = leave;
    let settle: { resolve: (value: C) => void; reject: (error: unknown) => void } | undefined;
    this.#completion = startedEarly(
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
      }),
    );
    this.#resolve = () => settle?.resolve(completion());
    this.#reject = (error) => settle?.reject(error);
  }

  /**
   * Resolves when the generation is over: with the whole completion, or, if the consumer left early, with the
   * text so far and the finish reason `aborted`. Rejects with the error of the iteration; such a rejection
   * need not be handled here. If the stream is not read by the next task of the event loop, the tokens are
   * computed for the completion; a loop that begins later still gets all of them.
   */
  get completion(): Promise<C> {
    void this.#computeUnlessRead();
    return this.#completion;
  }

  /** Throws `invalid-option` the second time, since the tokens are not kept. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    if (this.#iterated) {
      throw new Gpt2Error(
        'invalid-option',
        'this stream was iterated before; call stream() again, or use its completion',
      );
    }
    this.#iterated = true;
    this.#begun = true;
    const iterator: AsyncIterableIterator<T> = {
      next: () => this.#next(),
      return: () => this.return(),
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  /** The next token, computed now. Throws what the generation throws. */
  next(): Promise<IteratorResult<T, undefined>> {
    this.#begun = true;
    return this.#next();
  }

  /** Ends the generation, also while a token is being computed. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.#begun = true;
    this.#ahead = new Queue();
    this.#leave();
    await this.#tokens.return?.();
    this.#resolve();
    return { done: true, value: undefined };
  }

  /** Ends the generation without waiting, for `using`. */
  [Symbol.dispose](): void {
    this.return().catch(() => {});
  }

  /** Ends the generation, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  async #next(): Promise<IteratorResult<T, undefined>> {
    const { first } = this.#ahead;
    const result = await ((first && this.#ahead.leave(first)) ?? this.#step());
    // A stream that was read to its end, by a loop or by `next`, cannot be iterated any more.
    if (result.done) this.#iterated = true;
    return result;
  }

  async #step(): Promise<IteratorResult<T, undefined>> {
    try {
      const result = await this.#tokens.next();
      if (!result.done) return result;
    } catch (cause) {
      const error = await failureOf(cause);
      this.#reject(error);
      throw error;
    }
    this.#resolve();
    return { done: true, value: undefined };
  }

  async #computeUnlessRead(): Promise<void> {
    if (this.#begun) return;
    await nextTask();
    if (this.#begun) return;
    this.#begun = true;
    try {
      for (;;) {
        const step = this.#step();
        this.#ahead.add(step);
        if ((await step).done) return;
      }
    } catch {
      // The completion and the step itself reject with the error.
    }
  }
}

/** Reads a stream to its end. */
export async function drained<C extends Completion>(stream: TokenStream<Token, C>): Promise<C> {
  while (!(await stream.next()).done);
  return stream.completion;
}
