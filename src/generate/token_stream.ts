/// <reference lib="esnext.disposable" preserve="true" />
import { Gpt2Error } from '../base/errors.js';
import { nextTask } from '../base/next_task.js';
import { Queue } from '../base/queue.js';
import { startedEarly } from '../base/started_early.js';
import type { Completion, Token } from './completion.js';

/**
 * The tokens of a generation, computed as they are asked for: a consumer that leaves the loop ends the work
 * there and then. It can be iterated once.
 */
export class TokenStream implements AsyncIterableIterator<Token> {
  readonly #tokens: AsyncIterator<Token, void>;
  readonly #leave: () => void;
  readonly #completion: Promise<Completion>;
  readonly #resolve: () => void;
  readonly #reject: (error: unknown) => void;
  /** Tokens that were computed for the completion alone, in case that a consumer comes yet. */
  #ahead = new Queue<Promise<IteratorResult<Token, undefined>>>();
  /** Somebody reads, or has left; or the tokens are computed for the completion. */
  #begun = false;
  #iterated = false;

  /** `leave` makes a step that is under way come to its end. */
  constructor(tokens: AsyncIterator<Token, void>, completion: () => Completion, leave: () => void) {
    this.#tokens = tokens;
    this.#leave = leave;
    let settle: { resolve: (value: Completion) => void; reject: (error: unknown) => void } | undefined;
    this.#completion = startedEarly(
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
      }),
    );
    this.#resolve = () => settle?.resolve(completion());
    this.#reject = (error) => settle?.reject(error);
  }

  /**
   * Settles when the generation is over: with the whole completion; with what there is and the finish reason
   * `aborted` when the consumer left early; rejected with what the iteration threw (which needs no handling
   * here). If nothing reads the stream by the next task of the event loop, the tokens are computed for the
   * completion; a loop that begins later still gets all of them.
   */
  get completion(): Promise<Completion> {
    void this.#computeUnlessRead();
    return this.#completion;
  }

  /** Throws `invalid-option` the second time: the tokens are not kept. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Token> {
    if (this.#iterated) {
      throw new Gpt2Error(
        'invalid-option',
        'this stream was iterated before, and its tokens are not kept; call stream() again for another one, or take the whole text from its completion',
      );
    }
    this.#iterated = true;
    this.#begun = true;
    const iterator: AsyncIterableIterator<Token> = {
      next: () => this.#next(),
      return: () => this.return(),
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  /** The next token, computed now. Throws what the generation throws. */
  next(): Promise<IteratorResult<Token, undefined>> {
    this.#begun = true;
    return this.#next();
  }

  /** Ends the generation, also in the middle of a step. */
  async return(): Promise<IteratorResult<Token, undefined>> {
    this.#begun = true;
    this.#ahead = new Queue();
    this.#leave();
    await this.#tokens.return?.();
    this.#resolve();
    return { done: true, value: undefined };
  }

  /** As `return`, without waiting. */
  [Symbol.dispose](): void {
    this.return().catch(() => {});
  }

  /** Ends the generation, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  async #next(): Promise<IteratorResult<Token, undefined>> {
    const { first } = this.#ahead;
    const result = await ((first && this.#ahead.leave(first)) ?? this.#step());
    // Read to its end by whichever way, a stream has nothing for a loop.
    if (result.done) this.#iterated = true;
    return result;
  }

  async #step(): Promise<IteratorResult<Token, undefined>> {
    try {
      const result = await this.#tokens.next();
      if (!result.done) return result;
    } catch (error) {
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
      // The completion and the step say it.
    }
  }
}

/** Reads a stream to its end. */
export async function drained(stream: TokenStream): Promise<Completion> {
  while (!(await stream.next()).done);
  return stream.completion;
}
