/** Where a tree of pages begins: the pages of all texts that are evaluated in the same way. */
export class PageRoot {
  readonly children = new PageIndex();
  /** Whether pages are kept, after their sequences have left them, for texts with the same beginning. */
  readonly isShared: boolean;

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
  /** The page before it; undefined for the first. */
  readonly parent: Page | undefined;
  readonly children = new PageIndex();
  /** The tokens of the evaluated positions, the first ones of the page. */
  readonly tokens: number[] = [];
  /** How many sequences use the page. */
  holders = 0;

  constructor(address: number, root: PageRoot, parent: Page | undefined) {
    this.address = address;
    this.root = root;
    this.parent = parent;
  }

  /** The pages beside it, with the same pages before them. */
  get siblings(): PageIndex {
    return (this.parent ?? this.root).children;
  }

  /** Adds the tokens of positions that are evaluated now. */
  push(tokens: readonly number[]): void {
    const isFirst = this.tokens.length === 0;
    this.tokens.push(...tokens);
    if (isFirst && tokens.length > 0) this.siblings.add(this);
  }

  /** Removes the tokens after the first `length`. */
  truncate(length: number): void {
    if (length === 0 && this.tokens.length > 0) this.siblings.delete(this);
    this.tokens.length = length;
  }
}

/** Pages by their first token. */
export class PageIndex {
  readonly #pages = new Map<number, Set<Page>>();

  get isEmpty(): boolean {
    return this.#pages.size === 0;
  }

  add(page: Page): void {
    const first = page.tokens[0]!;
    const pages = this.#pages.get(first);
    if (pages) pages.add(page);
    else this.#pages.set(first, new Set([page]));
  }

  delete(page: Page): void {
    const first = page.tokens[0]!;
    const pages = this.#pages.get(first);
    if (pages?.delete(page) && pages.size === 0) this.#pages.delete(first);
  }

  /** The page that shares most tokens with `tokens` from index `start` to before `end`, and how many. */
  best(tokens: readonly number[], start: number, end: number): { page: Page; length: number } | undefined {
    let best: { page: Page; length: number } | undefined;
    if (start >= end) return undefined;
    for (const page of this.#pages.get(tokens[start]!) ?? []) {
      const most = Math.min(page.tokens.length, end - start);
      let length = 1;
      while (length < most && page.tokens[length] === tokens[start + length]) length++;
      if (length > (best?.length ?? 0)) best = { page, length };
      if (length === end - start) break;
    }
    return best;
  }
}
