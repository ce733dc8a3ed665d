import { PAGE } from '../../../assembly/abi.js';
import { SortedList } from '../../base/sorted_list.js';

/** Where a tree of pages begins: the pages of all texts that are evaluated in the same way. */
export class PageRoot {
  readonly children = new PageIndex();
  /** Whether pages are kept, after their sequences have left them, for texts with the same beginning. */
  isShared: boolean;

  constructor(isShared: boolean) {
    this.isShared = isShared;
  }
}

/**
 * Keys and values of up to PAGE consecutive positions in core memory. The pages of a text are a path from the
 * root of a tree: a page belongs to the tokens of all pages before it and to its own.
 */
export class Page {
  readonly address: number;
  readonly root: PageRoot;
  readonly children = new PageIndex();
  /** How many sequences use the page. */
  holders = 0;
  #parent: Page | undefined;
  readonly #tokens: number[] = [];

  constructor(address: number, root: PageRoot, parent: Page | undefined) {
    this.address = address;
    this.root = root;
    this.#parent = parent;
  }

  /** The page before it; undefined for the first. */
  get parent(): Page | undefined {
    return this.#parent;
  }

  /** The tokens of the evaluated positions, the first ones of the page. */
  get tokens(): readonly number[] {
    return this.#tokens;
  }

  /** Puts an empty page after another one. */
  follow(parent: Page): void {
    this.#parent = parent;
  }

  /** Adds the tokens of positions that are evaluated now. */
  push(tokens: readonly number[]): void {
    if (tokens.length > 0) this.#change(() => this.#tokens.push(...tokens));
  }

  /** Removes the tokens after the first `length`. */
  truncate(length: number): void {
    this.#change(() => {
      this.#tokens.length = length;
    });
  }

  /** Another page, after the same ones, whose tokens begin with all of this one's. */
  get substitute(): Page | undefined {
    return this.tokens.length === 0 ? undefined : this.#siblings.longer(this);
  }

  /** The pages after the same ones, which have tokens. */
  get #siblings(): PageIndex {
    return (this.#parent ?? this.root).children;
  }

  #change(change: () => void): void {
    if (this.tokens.length > 0) this.#siblings.delete(this);
    change();
    if (this.tokens.length > 0) this.#siblings.add(this);
  }
}

/** Pages in the order of their tokens, in which those that begin in the same way are beside each other. */
export class PageIndex {
  readonly #pages = new SortedList<Page>(
    (a, b) => compare(a.tokens, b.tokens, 0, b.tokens.length) || a.address - b.address,
  );

  get isEmpty(): boolean {
    return this.#pages.size === 0;
  }

  add(page: Page): void {
    this.#pages.add(page);
  }

  delete(page: Page): void {
    this.#pages.delete(page);
  }

  /** The page that shares most tokens with `tokens` from index `start` to before `end`, and how many. */
  best(tokens: readonly number[], start: number, end: number): { page: Page; length: number } | undefined {
    const place = this.#pages.search((page) => compare(page.tokens, tokens, start, end) < 0);
    let best: { page: Page; length: number } | undefined;
    for (const page of [this.#pages.at(place), this.#pages.at(place - 1)]) {
      const length = page === undefined ? 0 : shared(page.tokens, tokens, start, end);
      if (length > (best?.length ?? 0)) best = { page: page!, length };
    }
    return best;
  }

  /** Another page whose tokens begin with all of this one's. */
  longer(page: Page): Page | undefined {
    const { tokens } = page;
    const place = this.#pages.indexOf(page);
    return [this.#pages.at(place + 1), this.#pages.at(place - 1)].find(
      (other) => other !== undefined && shared(other.tokens, tokens, 0, PAGE) === tokens.length,
    );
  }
}

/** How many tokens of a page are those of `tokens` from index `start` on, before `end`. */
function shared(page: readonly number[], tokens: readonly number[], start: number, end: number): number {
  const most = Math.min(page.length, tokens.length - start, end - start);
  let length = 0;
  while (length < most && page[length] === tokens[start + length]) length++;
  return length;
}

/** Compares a page's tokens with tokens[start..end), as words are compared in a dictionary. */
function compare(page: readonly number[], tokens: readonly number[], start: number, end: number): number {
  const length = shared(page, tokens, start, end);
  const isOver = length === page.length || length === end - start;
  return isOver ? page.length - (end - start) : page[length]! - tokens[start + length]!;
}
