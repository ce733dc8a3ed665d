import { PAGE } from '../../../assembly/abi.js';
import { PageRoot } from '../kv/page.js';
import { PagedSequence, type PageStore, type SequenceMemory } from '../kv/paged_sequence.js';

/**
 * Encoder states, and the pages with their keys and values. These are given up when no sequence reads them and others
 * need the room, and are then computed again.
 */
export class CrossMemory implements SequenceMemory {
  /** S */
  readonly count: number;
  /** Begins its pages. */
  readonly root: PageRoot;
  readonly #states: Float32Array;
  readonly #channels: number;
  /** A sequence whose tokens are the numbers of the states. */
  readonly #pages: PagedSequence;
  readonly #numbers: readonly number[];
  readonly #readers = new Set<PagedSequence>();
  /** How many states have keys and values in the pages. */
  #computed = 0;

  constructor(store: PageStore, states: Float32Array, channels: number, isKept: boolean) {
    this.count = states.length / channels;
    this.root = new PageRoot(isKept);
    this.#states = states.slice();
    this.#channels = channels;
    this.#pages = new PagedSequence(store, this.root, 0);
    this.#numbers = Array.from({ length: this.count }, (_, number) => number);
  }

  get share(): number {
    return Math.ceil(this.count / PAGE) / Math.max(1, this.#readers.size);
  }

  get missing(): number {
    return this.count - this.#computed;
  }

  /** Whether it keeps its pages for a sequence. */
  get isRead(): boolean {
    return this.#readers.size > 0;
  }

  /** Addresses of its pages. */
  get addresses(): readonly number[] {
    return this.#pages.addresses;
  }

  /** State `index` [C]. */
  state(index: number): Float32Array {
    return this.#states.subarray(index * this.#channels, (index + 1) * this.#channels);
  }

  join(sequence: PagedSequence, other?: PagedSequence): boolean {
    if (other && !this.#readers.has(other)) return false;
    if (this.#readers.size === 0) {
      this.#computed = this.#pages.begin(this.#numbers, this.count);
      if (this.#pages.reserve(this.missing) < this.missing) {
        this.#giveUp();
        return false;
      }
    }
    this.#readers.add(sequence);
    return true;
  }

  leave(sequence: PagedSequence): void {
    if (this.#readers.delete(sequence) && this.#readers.size === 0) this.#giveUp();
  }

  #giveUp(): void {
    this.#pages.giveUp();
    this.#computed = 0;
  }

  /** The keys and values of the next `count` missing states are in their pages now. */
  commit(count: number): void {
    this.#computed += count;
    // Not before, since it gives back the pages that are still empty.
    if (this.missing === 0) this.#pages.commit(this.#numbers.slice(this.#pages.cached));
  }
}
