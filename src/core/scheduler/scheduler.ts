import { PAGE } from '../../../assembly/abi.js';
import { Gpt2Error } from '../../base/errors.js';
import { humanBytes } from '../../base/human_bytes.js';
import { nextTask } from '../../base/next_task.js';
import { now } from '../../base/timers.js';
import type { PagePool } from '../kv/page_pool.js';
import type { PagedSequence } from '../kv/paged_sequence.js';
import type { CoreStats, Evaluated, Evaluation, LogitsRow, SequenceUse } from '../types.js';
import { Composer, foremost } from './composer.js';
import { type Request, type RequestRun, remaining } from './request.js';

/**
 * After this long without a further evaluation, the pages of a call may be taken for others: a reader of a
 * stream that is only slower than the model keeps them.
 */
const REST_MS = 250;

/** Batches whose speed `stats` reports. */
const MEASURED_BATCHES = 64;

/** Evaluates batches. */
export interface BatchRunner {
  /**
   * Evaluates the runs and passes each wanted row to `read`, by the index of its run and of its token in the
   * sequence. Lets the event loop run between slices, and ends early, returning false, if `isWanted` says so
   * then.
   */
  run(
    runs: readonly RequestRun[],
    read: (run: number, index: number, row: LogitsRow) => void,
    isWanted: () => boolean,
  ): Promise<boolean>;
}

/**
 * Evaluates the sequences of all callers of a core together, batch by batch. A request is a sequence that is
 * to become some tokens. The event loop runs between two batches, so that callers ask for their next tokens
 * before the next batch is chosen.
 */
export class Scheduler {
  readonly #pool: PagePool;
  readonly #runner: BatchRunner;
  readonly #composer: Composer;
  /** In the order of their numbers. */
  readonly #requests = new Set<Request>();
  readonly #resting = new Set<PagedSequence>();
  /** When calls began to rest. */
  readonly #restingSince = new Map<PagedSequence, number>();
  readonly #batches: { ms: number; rows: number; wanted: number }[] = [];
  #number = 0;
  #turn = 0;
  #isWorking = false;
  #closed: Gpt2Error | undefined;

  constructor(pool: PagePool, runner: BatchRunner) {
    this.#pool = pool;
    this.#runner = runner;
    this.#composer = new Composer(pool, this.#resting);
  }

  get stats(): CoreStats {
    const running = [...this.#requests].filter(({ hasBegun }) => hasBegun).length;
    const sum = (of: 'ms' | 'rows' | 'wanted') =>
      this.#batches.reduce((total, batch) => total + batch[of], 0);
    const perSecond = (count: number) => (count > 0 ? (1000 * count) / sum('ms') : 0);
    return {
      waiting: this.#requests.size - running,
      running,
      pages: this.#pool.counts,
      pageBytes: this.#pool.bytes,
      tokensPerSecond: perSecond(sum('wanted')),
      rowsPerSecond: perSecond(sum('rows')),
    };
  }

  /** See `CoreSequence.evaluate`. */
  evaluate(
    sequence: PagedSequence,
    use: SequenceUse,
    evaluation: Evaluation,
  ): Promise<Evaluated | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw this.#closed;
      const { signal } = evaluation;
      if (signal?.aborted) {
        resolve(undefined);
        return;
      }
      const request: Request = {
        sequence,
        use,
        evaluation,
        number: ++this.#number,
        turn: this.#turn,
        cachedTokens: undefined,
        hasBegun: false,
        lacksPages: false,
        isOver: false,
        resolve,
        reject,
      };
      this.#requests.add(request);
      void this.#work();
    });
  }

  /** Ends the requests of a sequence, which resolve to undefined, and gives its pages back. */
  release(sequence: PagedSequence): void {
    for (const request of this.#requests) {
      if (request.sequence === sequence) this.#end(request)?.resolve(undefined);
    }
    this.#resting.delete(sequence);
    this.#restingSince.delete(sequence);
    sequence.giveUp();
  }

  /** Lets all running and later requests throw `reason`. */
  close(reason: Gpt2Error): void {
    this.#closed = reason;
    for (const request of this.#requests) this.#end(request)?.reject(reason);
  }

  /** Ends a request and returns it for its caller to be told; undefined if it was over before. */
  #end(request: Request): Request | undefined {
    if (request.isOver) return undefined;
    request.isOver = true;
    this.#requests.delete(request);
    this.#rest(request);
    return request;
  }

  #rest({ sequence, use }: Request): void {
    this.#resting.add(sequence);
    // At the end, since the order is that of the times.
    this.#restingSince.delete(sequence);
    if (use === 'call') this.#restingSince.set(sequence, now());
  }

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    while (this.#requests.size > 0) {
      await nextTask();
      this.#endAborted();
      this.#wakeUp();
      const requests = [...this.#requests];
      const runs = this.#composer.compose(requests);
      if (runs.length > 0) await this.#evaluate(runs);
      else if (requests.length > 0) this.#refuse(foremost(requests));
    }
    this.#isWorking = false;
  }

  /**
   * Ends the requests whose signal has fired. Signals are looked at before each slice: a listener for each
   * request would take longer than all else here.
   */
  #endAborted(): void {
    for (const request of this.#requests) {
      if (request.evaluation.signal?.aborted) this.#end(request)?.resolve(undefined);
    }
  }

  /** Calls that rest too long give their pages up; they find them again if nobody else takes them. */
  #wakeUp(): void {
    const due = now() - REST_MS;
    for (const [sequence, since] of this.#restingSince) {
      if (since > due) return;
      this.#restingSince.delete(sequence);
      if (this.#resting.delete(sequence)) sequence.giveUp();
    }
  }

  async #evaluate(runs: readonly RequestRun[]): Promise<void> {
    const began = now();
    this.#turn++;
    for (const { request } of runs) request.turn = this.#turn;
    /** How many tokens of a run count as evaluated, if its reader has said that not all do. */
    const kept = new Map<number, number>();
    const read = (run: number, index: number, row: LogitsRow) => {
      const { request, start } = runs[run]!;
      if (request.isOver || kept.has(run)) return;
      try {
        if (request.evaluation.read(row, index) === false) kept.set(run, index + 1 - start);
      } catch (error) {
        this.#end(request)?.reject(error);
      }
    };
    try {
      const isWanted = () => {
        this.#endAborted();
        return runs.some(({ request }) => !request.isOver);
      };
      if (!(await this.#runner.run(runs, read, isWanted))) return;
    } catch (error) {
      for (const { request } of runs) this.#end(request)?.reject(error);
      return;
    }
    this.#record(now() - began, runs);
    runs.forEach(({ request, start, count }, run) => {
      if (request.isOver) return;
      const { sequence, evaluation } = request;
      sequence.commit(evaluation.tokens.slice(start, start + (kept.get(run) ?? count)));
      if (!kept.has(run) && remaining(request) > 0) return;
      this.#end(request)?.resolve({ cachedTokens: request.cachedTokens ?? 0 });
    });
  }

  #record(ms: number, runs: readonly RequestRun[]): void {
    const sum = (of: 'count' | 'wanted') => runs.reduce((total, run) => total + run[of], 0);
    this.#batches.push({ ms, rows: sum('count'), wanted: sum('wanted') });
    if (this.#batches.length > MEASURED_BATCHES) this.#batches.shift();
  }

  /** Ends a request that alone does not fit into memory. */
  #refuse(request: Request): void {
    const { total } = this.#pool.counts;
    const { length } = request.evaluation.tokens;
    const error = new Gpt2Error(
      'out-of-memory',
      `there is no room for the keys and values of ${length} tokens: the model's memory has ${total} pages of ` +
        `${PAGE} positions, ${humanBytes(this.#pool.bytes)} each; load the model with a larger maxMemory or a smaller kvCache format`,
    );
    this.#end(request)?.reject(error);
  }
}
