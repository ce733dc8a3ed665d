import { PAGE } from '../../../assembly/abi.js';
import type { PagePool } from '../kv/page_pool.js';
import type { PagedSequence } from '../kv/paged_sequence.js';
import { BATCH_ROWS } from '../layout.js';
import { firstWanted, type Request, type RequestRun, remaining } from './request.js';

/** A request with at most this many rows left is decoding, or as quick as decoding. */
const FEW_ROWS = 16;

/** Requests begin while the pages of those that run take fewer bytes than this. */
const RUNNING_BYTES = 256 * 2 ** 20;

/** Rows of a batch that are left to prompts while some wait. */
const PROMPT_ROWS = 32;

/**
 * Chooses the rows of a batch: first those of decoding sequences, then as much of the prompts as fits. Of each
 * kind, those with the higher priority come first, then those whose latest turn is longest ago, so that no
 * sequence waits longer than one turn of each other one.
 */
export class Composer {
  readonly #pool: PagePool;
  /** Sequences that are not evaluated at present, those that have rested longest first. */
  readonly #resting: Set<PagedSequence>;

  constructor(pool: PagePool, resting: Set<PagedSequence>) {
    this.#pool = pool;
    this.#resting = resting;
  }

  /** The runs of the next batch; none if not even the first request fits into memory. */
  compose(requests: readonly Request[]): RequestRun[] {
    const starved: Request[] = [];
    const decoding: Request[] = [];
    const prompts: Request[] = [];
    for (const request of [...requests].sort(byTurn)) {
      const group = request.lacksPages ? starved : remaining(request) <= FEW_ROWS ? decoding : prompts;
      group.push(request);
    }
    const admission = new Admission(requests, this.#resting, this.#pool);
    const runs: RequestRun[] = [];
    const served = new Set<PagedSequence>();
    let rows = BATCH_ROWS;
    const serve = (group: readonly Request[], least: number) => {
      for (const request of group) {
        if (rows <= least) return;
        if (served.has(request.sequence)) continue;
        if (!request.hasBegun && !admission.admits(request)) continue;
        const run = this.#run(request, rows - least, requests, served);
        if (run === undefined) continue;
        served.add(request.sequence);
        runs.push(run);
        rows -= run.count;
      }
    };
    serve(starved, 0);
    serve(decoding, prompts.length > 0 ? PROMPT_ROWS : 0);
    serve(prompts, 0);
    return runs;
  }

  /** As many rows of a request as have room, up to `most`; undefined if none have. */
  #run(
    request: Request,
    most: number,
    requests: readonly Request[],
    served: ReadonlySet<PagedSequence>,
  ): RequestRun | undefined {
    const { sequence, evaluation } = request;
    if (!request.hasBegun) {
      const mostCached = Math.min(firstWanted(request), evaluation.tokens.length - 1);
      const cached = sequence.begin(evaluation.tokens, mostCached);
      request.cachedTokens ??= cached;
      request.hasBegun = true;
    }
    this.#resting.delete(sequence);
    const start = sequence.tokens.length;
    let count = 0;
    do count = sequence.reserve(Math.min(most, remaining(request)));
    while (count === 0 && this.#freeFor(request, requests, served));
    request.lacksPages = count === 0;
    if (count === 0) return undefined;
    const end = start + count;
    return { request, start, count, wanted: Math.max(0, end - Math.max(start, firstWanted(request))) };
  }

  /**
   * Gives up the pages of a sequence that rests, or else of the youngest request after this one; they are
   * evaluated again later. Returns false if there are none.
   */
  #freeFor(request: Request, requests: readonly Request[], served: ReadonlySet<PagedSequence>): boolean {
    for (const sequence of this.#resting) {
      this.#resting.delete(sequence);
      if (sequence.pageCount === 0) continue;
      sequence.giveUp();
      return true;
    }
    let youngest: Request | undefined;
    for (const other of requests) {
      if (other.sequence.pageCount === 0 || served.has(other.sequence)) continue;
      if (isAfter(other, request) && (youngest === undefined || isAfter(other, youngest))) youngest = other;
    }
    if (youngest === undefined) return false;
    youngest.sequence.giveUp();
    youngest.hasBegun = false;
    return true;
  }
}

/**
 * Whether requests may begin: one at any time; others while those that run use less than RUNNING_BYTES, and if
 * there are pages for all of their tokens.
 */
class Admission {
  readonly #bytes: number;
  /** Pages of the sequences that are evaluated. */
  #used: number;
  /** Pages that others do not need now. */
  #available: number;
  #isFull = false;

  constructor(requests: readonly Request[], resting: ReadonlySet<PagedSequence>, pool: PagePool) {
    this.#bytes = pool.bytes;
    const sequences = new Set(requests.map(({ sequence }) => sequence));
    this.#used = pagesOf(sequences);
    this.#available = pool.available + pagesOf([...resting].filter((sequence) => !sequences.has(sequence)));
  }

  admits({ sequence, evaluation }: Request): boolean {
    if (sequence.pageCount > 0) return true;
    const needed = Math.ceil(evaluation.tokens.length / PAGE);
    if (this.#used > 0)
      this.#isFull ||= this.#used * this.#bytes >= RUNNING_BYTES || needed > this.#available;
    if (this.#isFull) return false;
    this.#used += needed;
    this.#available -= needed;
    return true;
  }
}

function pagesOf(sequences: Iterable<PagedSequence>): number {
  let count = 0;
  for (const { pageCount } of sequences) count += pageCount;
  return count;
}

const priorityOf = ({ evaluation }: Request) => evaluation.priority ?? 0;

/** The request that gives way to no other. */
export function foremost(requests: readonly Request[]): Request {
  return requests.reduce((first, other) => (isAfter(first, other) ? other : first));
}

function byTurn(a: Request, b: Request): number {
  return priorityOf(b) - priorityOf(a) || a.turn - b.turn || a.number - b.number;
}

/** Whether `a` gives way to `b` if there are pages for only one of them. */
function isAfter(a: Request, b: Request): boolean {
  return (priorityOf(a) - priorityOf(b) || b.number - a.number) < 0;
}
