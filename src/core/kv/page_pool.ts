import { Page, type PageRoot } from './page.js';

/** Where memory for pages comes from. */
interface PageMemory {
  /** The address of new memory. Throws if there is none. */
  reserve(bytes: number): number;
  /** The address after all memory that is reserved, for pages and all else. */
  readonly end: number;
}

/** How much memory pages may take. */
export interface PageLimits {
  /** The address that new pages may reach. */
  readonly end: number;
  /** Up to this many bytes, pages that no sequence uses are kept for texts with the same beginning. */
  readonly keptBytes: number;
}

/** Numbers of pages. */
export interface PageCounts {
  /** In core memory. */
  readonly total: number;
  /** Used by sequences. */
  readonly used: number;
  /** Used by no sequence, but kept for texts with the same beginning. */
  readonly cached: number;
}

/**
 * The pages of core memory. A page that no sequence uses any more stays readable for texts with the same
 * beginning until its memory is needed; then the one that was left first goes first, those that follow a page
 * before it. The memory never shrinks.
 */
export class PagePool {
  readonly bytes: number;
  readonly #memory: PageMemory;
  readonly #free: number[] = [];
  /** Pages without holders and without pages that follow, in the order in which they became so. */
  readonly #idle = new Set<Page>();
  #total: number;
  #used = 0;
  #cached = 0;
  /** The address that new pages may reach; becomes 0 if the runtime gives no more memory. */
  #end: number;
  /** With fewer pages than this, memory grows rather than that a page without holders is taken. */
  readonly #kept: number;

  /** `region`: memory that is reserved already, for one page or more; `bytes`: size of a page. */
  constructor(
    memory: PageMemory,
    region: { readonly address: number; readonly bytes: number },
    bytes: number,
    { end, keptBytes }: PageLimits,
  ) {
    this.bytes = bytes;
    this.#memory = memory;
    this.#total = Math.floor(region.bytes / bytes);
    for (let i = this.#total - 1; i >= 0; i--) this.#free.push(region.address + i * bytes);
    this.#end = end;
    this.#kept = Math.floor(keptBytes / bytes);
  }

  get counts(): PageCounts {
    return { total: this.#total, used: this.#used, cached: this.#cached };
  }

  /** How many pages there can be. */
  get most(): number {
    return this.#total + Math.max(0, Math.floor((this.#end - this.#memory.end) / this.bytes));
  }

  /** An empty page with one holder; undefined if sequences use all of the memory. */
  take(root: PageRoot, parent: Page | undefined): Page | undefined {
    const address = this.#address();
    if (address === undefined) return undefined;
    const page = new Page(address, root, parent);
    page.holders = 1;
    this.#used++;
    return page;
  }

  hold(page: Page): void {
    if (page.holders++ > 0) return;
    this.#used++;
    this.#cached--;
    this.#idle.delete(page);
  }

  /** The opposite of `hold`; of a path, the last page comes first. */
  drop(page: Page): void {
    if (--page.holders > 0) return;
    this.#used--;
    this.#cached++;
    if (page.tokens.length === 0 || !page.root.isShared || this.#isReplaced(page)) this.#evict(page);
    else this.#restIfLast(page);
  }

  /** Frees the pages of a tree that no text will use again, those that have holders when these leave them. */
  forget(root: PageRoot): void {
    root.isShared = false;
    // Freeing a page adds the one before it to the set, if no other follows that.
    for (const page of this.#idle) if (page.root === root) this.#evict(page);
  }

  /** Whether another page can stand for this one, which then counts as used last. */
  #isReplaced(page: Page): boolean {
    const { substitute } = page;
    if (!page.children.isEmpty || substitute === undefined) return false;
    if (this.#idle.delete(substitute)) this.#idle.add(substitute);
    return true;
  }

  #restIfLast(page: Page): void {
    if (page.holders === 0 && page.children.isEmpty) this.#idle.add(page);
  }

  /** Frees a page without holders. */
  #evict(page: Page): void {
    this.#idle.delete(page);
    page.truncate(0);
    this.#cached--;
    this.#free.push(page.address);
    if (page.parent) this.#restIfLast(page.parent);
  }

  #address(): number | undefined {
    if (this.#free.length === 0 && this.#total < this.#kept) this.#grow();
    if (this.#free.length === 0) {
      const [first] = this.#idle;
      if (first) this.#evict(first);
      else this.#grow();
    }
    return this.#free.pop();
  }

  #grow(): void {
    if (this.#total >= this.most) return;
    try {
      this.#free.push(this.#memory.reserve(this.bytes));
      this.#total++;
    } catch {
      // The runtime gives no more: the pages that there are go round.
      this.#end = 0;
    }
  }
}
