import { Gpt2Error } from '../../base/errors.js';
import { humanBytes } from '../../base/human_bytes.js';
import type { Supply } from '../../base/leases.js';
import type { CoreMemory } from '../memory.js';
import type { CacheUse } from '../types.js';

/** Calls share this many bytes of KV caches, but at least FEWEST_CALLS and at most MOST_CALLS run at once. */
const BYTES_OF_CALLS = 256 * 2 ** 20;
const FEWEST_CALLS = 2;
const MOST_CALLS = 8;

/** The addresses of KV caches. A cache that is given back is used again; the memory never shrinks. */
export class CachePool implements Supply<number, CacheUse> {
  readonly #memory: CoreMemory;
  readonly #bytes: number;
  readonly #free: number[];
  readonly #mostCalls: number;
  readonly #lent: Record<CacheUse, number> = { session: 0, call: 0 };

  /** `bytes`: size of each cache; `first`: the address of a cache whose memory is reserved already. */
  constructor(memory: CoreMemory, bytes: number, first: number) {
    this.#memory = memory;
    this.#bytes = bytes;
    this.#free = [first];
    this.#mostCalls = Math.min(MOST_CALLS, Math.max(FEWEST_CALLS, Math.floor(BYTES_OF_CALLS / bytes)));
  }

  /**
   * The address of a cache; undefined if none is free now. Throws `out-of-memory` if sessions hold all of the
   * memory.
   */
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

  /** The error if the memory has no room for `what`; its message says how much sessions hold. */
  noRoom(what: string, cause: unknown): Gpt2Error {
    const { session } = this.#lent;
    const all = humanBytes(session * this.#bytes);
    return new Gpt2Error(
      'out-of-memory',
      `there is no room for ${what} beside the KV caches of this model's sessions: ${session} hold ${all}, ${humanBytes(this.#bytes)} each; dispose of sessions, or load the model with a smaller contextLength`,
      { cause },
    );
  }

  /** The address of new memory. Undefined if there is none, but a running call will give its cache back. */
  #reserve(): number | undefined {
    try {
      return this.#memory.reserve(this.#bytes);
    } catch (cause) {
      if (this.#lent.call > 0) return undefined;
      throw this.noRoom('a KV cache', cause);
    }
  }
}
