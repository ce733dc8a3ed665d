import type { Core, KvCache, LogitsRow } from '../core/types.js';
import { Gpt2Error } from '../errors.js';
import { nextTask } from '../next_task.js';

/**
 * Tokens whose keys and values one cache holds. Other sequences of the same core may run between any two tasks of
 * the event loop, so logits are read in the same task as the forward pass that gave them.
 */
export class Sequence {
  readonly core: Core;
  #cache: KvCache | undefined;
  readonly #tokens: number[] = [];
  #released = false;

  constructor(core: Core) {
    this.core = core;
  }

  /** The evaluated tokens, oldest first. */
  get tokens(): readonly number[] {
    return this.#tokens;
  }

  /** No position of the context is left. */
  get full(): boolean {
    return this.#tokens.length === this.core.config.contextLength;
  }

  /** Throws `out-of-memory` when the core has no room for another cache. */
  copyFrom(other: Sequence): void {
    if (other.#cache !== undefined) this.#takeCache().copyFrom(other.#cache);
    this.#tokens.splice(0, this.#tokens.length, ...other.#tokens);
  }

  /** Forgets every token after the first `length`. */
  rewind(length: number): void {
    this.#tokens.length = length;
  }

  /** How many tokens from the start are evaluated already. */
  commonPrefix(tokens: readonly number[]): number {
    const most = Math.min(tokens.length, this.#tokens.length);
    let length = 0;
    while (length < most && tokens[length] === this.#tokens[length]) length++;
    return length;
  }

  /**
   * Becomes `tokens` (1 to T): keeps the longest evaluated prefix, evaluates the rest but at least the last token
   * in blocks, and returns what `read` makes of the logits after it. Returns undefined when the signal fires first;
   * the sequence is then the part that was evaluated.
   */
  async become<R>(
    tokens: readonly number[],
    signal: AbortSignal | undefined,
    read: (row: LogitsRow) => R,
  ): Promise<R | undefined> {
    this.rewind(Math.min(this.commonPrefix(tokens), tokens.length - 1));
    return this.append(tokens.slice(this.#tokens.length), signal, read);
  }

  /** Evaluates further tokens after those there are; otherwise as `become`. Throws `out-of-memory` as `copyFrom`. */
  async append<R>(
    tokens: readonly number[],
    signal: AbortSignal | undefined,
    read: (row: LogitsRow) => R,
  ): Promise<R | undefined> {
    const { blockSize } = this.core;
    for (let first = 0; ; first += blockSize) {
      await nextTask();
      if (signal?.aborted) return undefined;
      this.assertUsable();
      const block = tokens.slice(first, first + blockSize);
      const isLast = first + block.length === tokens.length;
      let result: { value: R } | undefined;
      const wanted = {
        first: block.length - 1,
        read: (row: LogitsRow) => {
          result = { value: read(row) };
        },
      };
      const done = await this.core.forward(
        this.#takeCache(),
        block,
        this.#tokens.length,
        isLast ? wanted : undefined,
        signal,
      );
      if (!done) return undefined;
      this.assertUsable();
      this.#tokens.push(...block);
      if (result) return result.value;
    }
  }

  assertUsable(): void {
    if (this.#released) throw new Gpt2Error('disposed', 'the session was disposed; create another one');
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#tokens.length = 0;
    this.#cache?.release();
  }

  /** A sequence that is never evaluated takes no memory. */
  #takeCache(): KvCache {
    this.#cache ??= this.core.createCache();
    return this.#cache;
  }
}
