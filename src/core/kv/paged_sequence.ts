import { PAGE } from '../../../assembly/abi.js';
import { append } from '../../base/append.js';
import type { Page, PageRoot } from './page.js';
import type { PagePool } from './page_pool.js';

/** What the pages of sequences need. */
export interface PageStore {
  readonly pool: PagePool;
  /** Copies the first `count` positions of a page. */
  copyPositions(to: number, from: number, count: number): void;
}

/** Keys and values of encoder states in pages that sequences read beside their own. */
export interface SequenceMemory {
  /** How many states there are. */
  readonly count: number;
  /** How many pages it has for each sequence that reads it now. */
  readonly share: number;
  /** How many states have no keys and values yet. */
  readonly missing: number;
  /**
   * Keeps its pages for a sequence until that leaves; false if there is no room for them. For the fork of `other`, it
   * keeps them only if it does for that.
   */
  join(sequence: PagedSequence, other?: PagedSequence): boolean;
  leave(sequence: PagedSequence): void;
}

/**
 * The evaluated tokens of a sequence and the pages with their keys and values. The pages may be given up at
 * any time and evaluated again, which changes no bit.
 */
export class PagedSequence {
  /** The evaluated tokens. */
  readonly tokens: number[] = [];
  /** Address of the adapters with which it is evaluated; 0 for none. */
  readonly adapters: number;
  readonly memory: SequenceMemory | undefined;
  readonly #store: PageStore;
  readonly #root: PageRoot;
  readonly #pages: Page[] = [];

  constructor(store: PageStore, root: PageRoot, adapters: number, memory?: SequenceMemory) {
    this.#store = store;
    this.#root = root;
    this.adapters = adapters;
    this.memory = memory;
  }

  /** Addresses of the pages, in order. */
  get addresses(): number[] {
    return this.#pages.map(({ address }) => address);
  }

  get pageCount(): number {
    return this.#pages.length;
  }

  /** How many of the tokens are in pages. */
  get cached(): number {
    return this.#pages.length === 0 ? 0 : this.tokens.length;
  }

  /** Another sequence that shares all pages. */
  fork(): PagedSequence {
    const fork = new PagedSequence(this.#store, this.#root, this.adapters, this.memory);
    append(fork.tokens, this.tokens);
    // Pages after these are reserved for a batch that is running.
    for (const page of this.#pages.slice(0, Math.ceil(this.cached / PAGE))) fork.#hold(page);
    this.memory?.join(fork, this);
    return fork;
  }

  /**
   * Keeps the longest beginning of tokens[0..most) that this or any other sequence has evaluated, and returns
   * its length.
   */
  begin(tokens: readonly number[], most: number): number {
    let own = 0;
    const limit = Math.min(most, this.cached);
    while (own < limit && tokens[own] === this.tokens[own]) own++;
    // A sequence that decodes has all of it, and needs no search.
    if (own < most) {
      const { pages, length } = this.#find(tokens, most);
      if (length > own) {
        for (const page of pages) this.#store.pool.hold(page);
        this.giveUp();
        this.#pages.push(...pages);
        const found = tokens.slice(own, length);
        this.tokens.length = own;
        append(this.tokens, found);
        own = length;
      }
    }
    this.#drop(Math.ceil(own / PAGE));
    this.tokens.length = own;
    return own;
  }

  /**
   * Makes room for `count` more positions and returns for how many there is room. Pages that others share are
   * copied before they are written.
   */
  reserve(count: number): number {
    const { pool } = this.#store;
    const { length } = this.tokens;
    if (this.memory?.join(this) === false || !this.#makeWritable()) return 0;
    while (this.#pages.length * PAGE < length + count) {
      const page = pool.take(this.#root, this.#pages.at(-1));
      if (page === undefined) break;
      this.#pages.push(page);
    }
    if (this.#pages.length === 0) this.memory?.leave(this);
    return Math.min(count, this.#pages.length * PAGE - length);
  }

  /** Adds tokens whose positions are evaluated, and gives back pages that were reserved for more. */
  commit(tokens: readonly number[]): void {
    for (let i = 0; i < tokens.length; ) {
      const { length } = this.tokens;
      const part = tokens.slice(i, i + PAGE - (length % PAGE));
      const index = Math.floor(length / PAGE);
      this.#pages[index]!.push(part);
      this.tokens.push(...part);
      if (this.tokens.length % PAGE === 0) this.#merge(index);
      i += part.length;
    }
    this.#drop(Math.ceil(this.tokens.length / PAGE));
  }

  /** Gives an empty sequence tokens that are in no pages. */
  expect(tokens: readonly number[]): void {
    this.giveUp();
    append(this.tokens, tokens);
  }

  /** Removes all tokens after the first `length`. */
  rewind(length: number): void {
    if (length >= this.tokens.length) return;
    this.#drop(Math.ceil(Math.min(length, this.cached) / PAGE));
    this.tokens.length = length;
  }

  /** Gives up all pages; the tokens stay. */
  giveUp(): void {
    this.#drop(0);
  }

  /** Uses, in place of a full page, one of another sequence with the same tokens if there is one. */
  #merge(index: number): void {
    const page = this.#pages[index]!;
    const { substitute } = page;
    if (!page.root.isShared || page.holders > 1 || substitute === undefined) return;
    this.#store.pool.hold(substitute);
    this.#pages[index] = substitute;
    this.#pages[index + 1]?.follow(substitute);
    this.#store.pool.drop(page);
  }

  #hold(page: Page): void {
    this.#store.pool.hold(page);
    this.#pages.push(page);
  }

  /** Drops all pages after the first `count`, the last one first. */
  #drop(count: number): void {
    while (this.#pages.length > count) this.#store.pool.drop(this.#pages.pop()!);
    if (count === 0) this.memory?.leave(this);
  }

  /** The longest evaluated beginning of tokens[0..most) in the tree. */
  #find(tokens: readonly number[], most: number): { pages: Page[]; length: number } {
    const pages: Page[] = [];
    let { children } = this.#root;
    for (let length = 0; ; ) {
      const best = children.best(tokens, length, most);
      if (best === undefined) return { pages, length };
      pages.push(best.page);
      length += best.length;
      if (best.length < PAGE) return { pages, length };
      children = best.page.children;
    }
  }

  /** Whether the page of the next position, if it has positions already, can be written after them. */
  #makeWritable(): boolean {
    const { pool } = this.#store;
    const offset = this.tokens.length % PAGE;
    if (offset === 0) return true;
    const page = this.#pages.at(-1)!;
    if (page.holders === 1 && page.tokens.length === offset) return true;
    const copy = pool.take(this.#root, page.parent);
    if (copy === undefined) {
      // Without a page to copy to, the tokens that nobody else uses give way.
      if (page.holders === 1) page.truncate(offset);
      return page.holders === 1;
    }
    this.#store.copyPositions(copy.address, page.address, offset);
    copy.push(page.tokens.slice(0, offset));
    this.#pages.pop();
    pool.drop(page);
    this.#pages.push(copy);
    return true;
  }
}
