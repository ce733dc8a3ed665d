import { Gpt2Error } from '../../base/errors.js';
import { humanBytes } from '../../base/human_bytes.js';
import type { Supply } from '../../base/leases.js';
import type { CoreMemory } from '../memory.js';
import type { CacheUse } from '../types.js';

/** Calls of the model compute in this many bytes of KV caches, but at least FEWEST and at most MOST calls at once. */
const BYTES_OF_CALLS = 256 * 2 ** 20;
const FEWEST_CALLS = 2;
const MOST_CALLS = 8;

/** The memory of KV caches, by address. A cache that was given back is lent again; memory never shrinks. */
export class CachePool implements Supply<number, CacheUse> {
  readonly #memory: CoreMemory;
  readonly #bytes: number;
  readonly #free: number[];
  readonly #mostCalls: number;
  readonly #lent: Record<CacheUse, number> = { session: 0, call: 0 };

  /** `bytes` of each cache; `first` is the address of one that has its memory already. */
  constructor(memory: CoreMemory, bytes: number, first: number) {
    this.#memory = memory;
    this.#bytes = bytes;
    this.#free = [first];
    this.#mostCalls = Math.min(MOST_CALLS, Math.max(FEWEST_CALLS, Math.floor(BYTES_OF_CALLS / bytes)));
  }

  /** Throws `out-of-memory` if sessions have all of the memory. */
  take(use: CacheUse): number | undefined {
    if (use === 'call' && this.#lent.call >= this.#mostCalls) return undefined;
    const address = this.#free.pop() ?? this.#reserve();
    if (address !== undefined) this.#lent[use]++;
    return address;
  }

  giveBack(address: number, use: CacheUse): void {
    this.#lent[use]--;
    this.#free.push(address);
  }

  /** How many sessions hold a cache. */
  get sessions(): number {
    return this.#lent.session;
  }

  /** The error for something that the memory has no room for, which says what sessions hold of it. */
  noRoom(what: string, cause: unknown): Gpt2Error {
    const { session } = this.#lent;
    const all = humanBytes(session * this.#bytes);
    return new Gpt2Error(
      'out-of-memory',
      `there is no room for ${what} beside the KV caches of this model's sessions: ${session} hold ${all}, ${humanBytes(this.#bytes)} each; dispose of sessions, or load the model with a smaller contextLength`,
      { cause },
    );
  }

  /** New memory, or undefined if a call will give its cache back. */
  #reserve(): number | undefined {
    try {
      return this.#memory.reserve(this.#bytes);
    } catch (cause) {
      if (this.#lent.call > 0) return undefined;
      throw this.noRoom('a KV cache', cause);
    }
  }
}
