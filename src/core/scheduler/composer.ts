import type { PagePool } from '../kv/page_pool.js';
import type { PagedSequence } from '../kv/paged_sequence.js';
import { BATCH_ROWS } from '../layout.js';
import { type Demand, Lines } from './lines.js';
import { byRank, pagesOf, type Request, type RequestRun, remaining } from './request.js';

/** Requests are admitted while the pages of those that run take fewer bytes than this, */
const RUNNING_BYTES = 256 * 2 ** 20;

/** and while fewer run than this: more fill no batch better. */
const MOST_RUNNING = 4 * BATCH_ROWS;

/**
 * Chooses the rows of a batch: first those of decoding sequences, then as much of the prompts as fits. Of each
 * kind, those with the higher priority come first, then those whose latest turn is longest ago, so that no
 * sequence waits longer than one turn of each other one that runs. Short prompts are finished before others begin.
 */
export class Composer {
  readonly lines = new Lines();
  readonly #pool: PagePool;
  /** Sequences that are not evaluated at present, those that have rested longest first. */
  readonly #resting: Set<PagedSequence>;

  constructor(pool: PagePool, resting: Set<PagedSequence>) {
    this.#pool = pool;
    this.#resting = resting;
  }

  /** The runs of the next batch of at most `mostRows`; none if not even the foremost request fits into memory. */
  compose(mostRows: number): RequestRun[] {
    const { lines } = this;
    this.#admit();
    const { starved, decoding, prompts } = lines;
    const runs: RequestRun[] = [];
    const tried = new Set<Request>();
    const served = new Set<Request>();
    let rows = mostRows;
    const serve = (requests: readonly Request[], least: number) => {
      const all = rows;
      for (const request of requests) {
        if (rows <= least) return;
        // Those that wait have given their pages up for one that was tried before.
        if (tried.has(request) || lines.isWaiting(request)) continue;
        tried.add(request);
        const run = this.#run(request, rows - least, rows < all, served);
        if (run === undefined) {
          lines.starve(request);
          continue;
        }
        served.add(request);
        runs.push(run);
        // States that it remembers first take time as rows do.
        rows -= run.count + (request.sequence.memory?.missing ?? 0);
      }
    };
    const [few, many] = [[...decoding], [...prompts]];
    serve([...starved], 0);
    // A quarter of the batch is left to prompts while some wait.
    serve(few, many.length > 0 ? mostRows >> 2 : 0);
    serve(many, 0);
    serve(few, 0);
    return runs;
  }

  /** Takes pages for `count` positions of an empty sequence, also from those that rest; false if it cannot. */
  reserve(sequence: PagedSequence, count: number): boolean {
    while (sequence.reserve(count) < count) if (!this.#freeResting()) return false;
    return true;
  }

  /** Admits requests in the order of their rank. */
  #admit(): void {
    const { lines } = this;
    for (let first = lines.waiting.at(0); first && this.#admits(first); first = lines.waiting.at(0)) {
      lines.admit(first);
    }
  }

  /**
   * Whether a request may begin: one at any time, others if there is room for all of their tokens beside the
   * requests that do not give way to it.
   */
  #admits(request: Request): boolean {
    const { bytes, most } = this.#pool;
    const isRoom = ({ count, pages }: Demand) =>
      count < MOST_RUNNING && pages * bytes < RUNNING_BYTES && pages + pagesOf(request) <= most;
    const { running } = this.lines;
    return running.count === 0 || isRoom(running) || isRoom(this.lines.runningBefore(request));
  }

  /**
   * As many rows of a request as have room, up to `most`, which others have reduced if `isShared`; undefined if
   * none have.
   */
  #run(
    request: Request,
    most: number,
    isShared: boolean,
    served: ReadonlySet<Request>,
  ): RequestRun | undefined {
    const { sequence } = request;
    this.#resting.delete(sequence);
    this.#begin(request);
    const start = sequence.tokens.length;
    let count = 0;
    do count = sequence.reserve(Math.min(most, remaining(request)));
    while (count === 0 && this.#freeFor(request, served));
    if (count === 0) return undefined;
    const end = start + count;
    const wanted = Math.max(0, end - Math.max(start, request.first));
    return { request, start, count, wanted, isCut: isShared && count === most && count < remaining(request) };
  }

  /** Takes what this sequence or, meanwhile, another one has evaluated of the tokens. */
  #begin(request: Request): void {
    const { sequence, evaluation } = request;
    const most = Math.min(request.first, evaluation.tokens.length - 1);
    if (!request.hasBegun || sequence.cached < most) sequence.begin(evaluation.tokens, most);
    request.hasBegun = true;
  }

  /**
   * Gives up the pages of a sequence that rests, or else of the lowest request that gives way to this one; they
   * are evaluated again later. Returns false if there are none.
   */
  #freeFor(request: Request, served: ReadonlySet<Request>): boolean {
    if (this.#freeResting()) return true;
    const { lines } = this;
    const youngest = lines.youngest((other) => other.sequence.pageCount > 0 && !served.has(other));
    if (youngest === undefined || byRank(youngest, request) <= 0) return false;
    youngest.sequence.giveUp();
    lines.remove(youngest);
    lines.add(youngest);
    return true;
  }

  #freeResting(): boolean {
    for (const sequence of this.#resting) {
      this.#resting.delete(sequence);
      if (sequence.pageCount === 0) continue;
      sequence.giveUp();
      return true;
    }
    return false;
  }
}
