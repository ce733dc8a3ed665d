import { SortedList } from '../../base/sorted_list.js';
import { byRank, byTurn, pagesOf, type Request, remaining } from './request.js';

/** A request with at most this many rows left is decoding, or as quick as decoding. */
const FEW_ROWS = 16;

/** How many requests there are, and the pages that they need in all. */
export interface Demand {
  readonly count: number;
  readonly pages: number;
}

/** The lines in which requests wait for their turns, at most one request of each sequence. */
export class Lines {
  /** Requests without pages: they were not admitted yet, or gave their pages up. */
  readonly waiting = new SortedList<Request>(byRank);
  /** Requests for which the latest batch had no page. */
  readonly starved = new SortedList<Request>(byRank);
  readonly decoding = new SortedList<Request>(byTurn);
  readonly prompts = new SortedList<Request>(byTurn);
  /** The line of each request, and how many pages are counted for it. */
  readonly #places = new Map<Request, { readonly line: SortedList<Request>; readonly pages: number }>();
  #pages = 0;

  /** The requests that do not wait. */
  get running(): Demand {
    return { count: this.#places.size - this.waiting.size, pages: this.#pages };
  }

  /** Those of them that do not give way to `request`. */
  runningBefore(request: Request): Demand {
    let [count, pages] = [0, 0];
    for (const [other, place] of this.#places) {
      if (place.line === this.waiting || byRank(other, request) > 0) continue;
      count++;
      pages += place.pages;
    }
    return { count, pages };
  }

  isWaiting(request: Request): boolean {
    return this.#places.get(request)?.line === this.waiting;
  }

  /** Puts a request into the line that suits it. */
  add(request: Request): void {
    if (request.sequence.pageCount === 0) this.#put(request, this.waiting);
    else this.admit(request);
  }

  /** Puts a request among those that decode or the prompts. */
  admit(request: Request): void {
    this.#put(request, remaining(request) <= FEW_ROWS ? this.decoding : this.prompts);
  }

  starve(request: Request): void {
    this.#put(request, this.starved);
  }

  /** Removes a request, which may be in no line. */
  remove(request: Request): void {
    const place = this.#places.get(request);
    if (place === undefined) return;
    this.#places.delete(request);
    place.line.delete(request);
    this.#pages -= place.pages;
  }

  /** The request that gives way to all others which do not wait, among those that `isChoice` accepts. */
  youngest(isChoice: (request: Request) => boolean): Request | undefined {
    let youngest: Request | undefined;
    for (const line of [this.starved, this.decoding, this.prompts]) {
      for (const request of line) {
        if ((youngest === undefined || byRank(request, youngest) > 0) && isChoice(request))
          youngest = request;
      }
    }
    return youngest;
  }

  /** Moves a request, from whatever line it is in. */
  #put(request: Request, line: SortedList<Request>): void {
    this.remove(request);
    const pages = line === this.waiting ? 0 : Math.max(request.sequence.pageCount, pagesOf(request));
    line.add(request);
    this.#places.set(request, { line, pages });
    this.#pages += pages;
  }
}
