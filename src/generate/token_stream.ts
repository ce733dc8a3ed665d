import { startedEarly } from '../started_early.js';
import type { Completion, Token } from './completion.js';

/**
 * The tokens of a generation, computed as they are asked for: a consumer that leaves the loop ends the work there
 * and then. It can be iterated once.
 */
export class TokenStream implements AsyncIterableIterator<Token> {
  /**
   * Settles when the iteration is over: with the whole completion; with what there is and the finish reason
   * `aborted` when the consumer left early; rejected with what the iteration threw (which needs no handling here).
   * Nothing is generated for the promise alone: without an iteration it stays pending; `generate` needs none.
   */
  readonly completion: Promise<Completion>;
  readonly #tokens: AsyncGenerator<Token, void>;
  readonly #resolve: () => void;
  readonly #reject: (error: unknown) => void;

  constructor(tokens: AsyncGenerator<Token, void>, completion: () => Completion) {
    this.#tokens = tokens;
    let settle: { resolve: (value: Completion) => void; reject: (error: unknown) => void } | undefined;
    this.completion = startedEarly(
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
      }),
    );
    this.#resolve = () => settle?.resolve(completion());
    this.#reject = (error) => settle?.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Token, undefined>> {
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

  async return(): Promise<IteratorResult<Token, undefined>> {
    await this.#tokens.return();
    this.#resolve();
    return { done: true, value: undefined };
  }
}
