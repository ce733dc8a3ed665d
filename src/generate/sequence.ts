import { anySignal, type Cancellation } from '../base/cancellation.js';
import { Gpt2Error } from '../base/errors.js';
import type { CacheUse, Core, KvCache, LogitsRow } from '../core/types.js';

export function sessionDisposed(): Gpt2Error {
  return new Gpt2Error('disposed', 'the session was disposed; create another one');
}

/**
 * A sequence of tokens and the cache with their keys and values. Other sequences of the same core may run
 * between any two calls of the core, so logits are read during the call that computes them.
 */
export class Sequence {
  readonly core: Core;
  readonly #use: CacheUse;
  #cache: KvCache | undefined;
  readonly #tokens: number[] = [];
  /** How many of the tokens are in the cache. */
  #cached = 0;
  readonly #released = new AbortController();

  /**
   * With the use `call`, the sequence may lose its cache to other calls between evaluations; it then
   * evaluates its tokens again.
   */
  constructor(core: Core, use: CacheUse) {
    this.core = core;
    this.#use = use;
  }

  /** The evaluated tokens, oldest first. */
  get tokens(): readonly number[] {
    return this.#tokens;
  }

  /**
   * Becomes a copy of another sequence. If no cache is free now, its tokens are evaluated again later. Throws
   * `out-of-memory`.
   */
  copyFrom(other: Sequence): void {
    const from = other.#cache;
    const cache = from && this.core.takeCacheNow();
    if (cache) {
      cache.copyFrom(from);
      this.#cached = other.#cached;
    }
    this.#cache = cache;
    this.#tokens.splice(0, this.#tokens.length, ...other.#tokens);
  }

  /** Removes all tokens after the first `length`. */
  rewind(length: number): void {
    this.#tokens.length = length;
    this.#cached = Math.min(this.#cached, length);
  }

  /** How many of `tokens`, from the start, need no evaluation. */
  commonPrefix(tokens: readonly number[]): number {
    const most = Math.min(tokens.length, this.#cached);
    let length = 0;
    while (length < most && tokens[length] === this.#tokens[length]) length++;
    return length;
  }

  /**
   * Becomes `tokens` (1 to the context length): keeps the longest evaluated prefix, evaluates the rest, at
   * least the last token, and returns the result of `read` for the logits after the last token. If the signal
   * fires first, returns undefined, and the sequence holds the tokens that were evaluated. Throws
   * `out-of-memory` and `disposed`.
   */
  async become<R>(
    tokens: readonly number[],
    signal: Cancellation | undefined,
    read: (row: LogitsRow) => R,
  ): Promise<R | undefined> {
    const cache = await this.#takeCache(signal);
    if (cache === undefined) return undefined;
    try {
      this.rewind(Math.min(this.commonPrefix(tokens), tokens.length - 1));
      return await this.#append(cache, tokens, signal, read);
    } finally {
      if (this.#use === 'call') cache.rest();
    }
  }

  /** Evaluates the tokens that are not evaluated yet, block by block. */
  async #append<R>(
    cache: KvCache,
    tokens: readonly number[],
    signal: Cancellation | undefined,
    read: (row: LogitsRow) => R,
  ): Promise<R | undefined> {
    for (;;) {
      if (signal?.aborted) return undefined;
      const start = this.#tokens.length;
      const block = tokens.slice(start, start + this.core.blockSize);
      const isLast = start + block.length === tokens.length;
      let result: { value: R } | undefined;
      const wanted = {
        first: block.length - 1,
        read: (row: LogitsRow) => {
          result = { value: read(row) };
        },
      };
      const done = await this.core.forward(cache, block, start, isLast ? wanted : undefined, signal);
      this.assertUsable();
      if (!done) return undefined;
      this.#tokens.push(...block);
      this.#cached = this.#tokens.length;
      if (result) return result.value;
    }
  }

  assertUsable(): void {
    if (this.#released.signal.aborted) throw sessionDisposed();
  }

  release(): void {
    this.#released.abort();
    this.rewind(0);
    this.#cache?.release();
    this.#cache = undefined;
  }

  /** The sequence's cache; the first evaluation takes one, so that a sequence without any takes no memory. */
  async #takeCache(signal: Cancellation | undefined): Promise<KvCache | undefined> {
    this.assertUsable();
    if (signal?.aborted) return undefined;
    if (this.#cache?.resume()) return this.#cache;
    this.#cached = 0;
    this.#cache = await this.core.takeCache(this.#use, anySignal(signal, this.#released.signal));
    if (this.#released.signal.aborted) this.#cache?.release();
    this.assertUsable();
    return this.#cache;
  }
}
