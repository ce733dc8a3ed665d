import { PAGE } from '../../../assembly/abi.js';
import { onAbort } from '../../base/cancellation.js';
import { Gpt2Error } from '../../base/errors.js';
import { nextTask } from '../../base/next_task.js';
import { now } from '../../base/timers.js';
import type { PagePool } from '../kv/page_pool.js';
import type { PagedSequence } from '../kv/paged_sequence.js';
import { mebibytes } from '../memory.js';
import type { BatchTime, CoreStats, Evaluated, Evaluation, LogitsRow, SequenceUse } from '../types.js';
import { Composer } from './composer.js';
import { type Request, type RequestRun, remaining } from './request.js';

/**
 * After this long without a further evaluation, a sequence has lost its rank, and a call its pages: a reader of
 * a stream that is only slower than the model keeps them.
 */
const REST_MS = 250;

/** Batches whose speed `stats` reports, and whose times are kept. */
const MEASURED_BATCHES = 64;
const KEPT_BATCHES = 256;

/** Evaluates batches. */
export interface BatchRunner {
  /** Rows that a batch should have at most, so that it lets the event loop run often enough; they change no result. */
  readonly mostRows: number;
  /**
   * Evaluates the runs and passes each wanted row to `read`, by the index of its run and of its token in the
   * sequence; `row` throws if the row cannot be used. Lets the event loop run between slices, and ends early,
   * returning false, if `isWanted` says so then.
   */
  run(
    runs: readonly RequestRun[],
    read: (run: number, index: number, row: () => LogitsRow) => void,
    isWanted: () => boolean,
  ): Promise<boolean>;
}

/**
 * Evaluates the sequences of all callers of a core together, batch by batch. A request is a sequence that is
 * to become some tokens. The event loop runs between two batches, so that callers ask for their next tokens
 * before the next batch is chosen.
 */
export class Scheduler {
  /** The latest batches, oldest first. */
  readonly batchTimes: BatchTime[] = [];
  readonly #pool: PagePool;
  readonly #runner: BatchRunner;
  readonly #composer: Composer;
  /** The requests of each sequence in their order; the first one is in the lines. */
  readonly #requests = new Map<PagedSequence, Request[]>();
  readonly #resting = new Set<PagedSequence>();
  /** When sequences began to rest, and what they are used for. */
  readonly #restingSince = new Map<PagedSequence, { readonly since: number; readonly use: SequenceUse }>();
  /** Numbers of sequences since they are in use. */
  readonly #numbers = new WeakMap<PagedSequence, number>();
  /**
   * Requests whose signals are looked at before each slice: for steps of sequences that decode, a listener
   * would take longer than all else here.
   */
  readonly #polled = new Set<Request>();
  readonly #tasks: (() => void)[] = [];
  /** How many sequences hold pages that are written now, and can be taken soon. */
  #adopting = 0;
  /** How many requests there are. */
  #count = 0;
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
    const running = this.#composer.lines.running.count;
    const measured = this.batchTimes.slice(-MEASURED_BATCHES);
    const ms = measured.reduce((sum, batch) => sum + batch.ms, 0);
    const wanted = measured.reduce((sum, batch) => sum + batch.wanted, 0);
    return {
      waiting: this.#count - running,
      running,
      pages: this.#pool.counts,
      pageBytes: this.#pool.bytes,
      tokensPerSecond: ms > 0 ? (1000 * wanted) / ms : 0,
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
      const number = this.#numbers.get(sequence) ?? ++this.#number;
      this.#numbers.set(sequence, number);
      const request: Request = {
        sequence,
        use,
        evaluation,
        priority: evaluation.priority ?? 0,
        number,
        first: evaluation.first ?? evaluation.tokens.length - 1,
        turn: this.#turn,
        hasBegun: false,
        evaluated: 0,
        isOver: false,
        resolve,
        reject,
        unlisten: undefined,
      };
      this.#add(request);
      void this.#work();
    });
  }

  /** Ends the requests of a sequence, which resolve to undefined, and gives its pages back. */
  release(sequence: PagedSequence): void {
    this.#endAll(sequence, (request) => request.resolve(undefined));
    this.#stir(sequence);
    sequence.giveUp();
  }

  /** From now on the pages of a sequence may be taken for others, until it is evaluated again. */
  rest(sequence: PagedSequence, use: SequenceUse): void {
    // At the end, since the order is that of the times.
    this.#stir(sequence);
    this.#resting.add(sequence);
    this.#restingSince.set(sequence, { since: now(), use });
  }

  /** See `CoreSequence.adopt`. */
  async adopt(
    sequence: PagedSequence,
    use: SequenceUse,
    tokens: readonly number[],
    write: (pages: readonly number[]) => Promise<void>,
  ): Promise<void> {
    this.#adopting++;
    try {
      const isRoom = await new Promise<boolean>((resolve) =>
        this.between(() => resolve(this.#composer.reserve(sequence, tokens.length))),
      );
      if (isRoom) {
        await write(sequence.addresses);
        sequence.commit(tokens);
      } else sequence.expect(tokens);
    } catch (error) {
      sequence.giveUp();
      throw error;
    } finally {
      this.#adopting--;
    }
    this.rest(sequence, use);
  }

  /** Does some work while no batch is evaluated. */
  between(work: () => void): void {
    this.#tasks.push(work);
    void this.#work();
  }

  /** Lets all running and later requests throw `reason`. */
  close(reason: Gpt2Error): void {
    this.#closed = reason;
    this.#rejectAll(reason);
  }

  #rejectAll(reason: unknown): void {
    for (const sequence of [...this.#requests.keys()]) {
      this.#endAll(sequence, (request) => request.reject(reason));
    }
  }

  #stir(sequence: PagedSequence): void {
    this.#resting.delete(sequence);
    this.#restingSince.delete(sequence);
  }

  #add(request: Request): void {
    const { sequence } = request;
    this.#stir(sequence);
    this.#count++;
    const requests = this.#requests.get(sequence);
    if (requests === undefined) {
      this.#requests.set(sequence, [request]);
      this.#composer.lines.add(request);
    } else requests.push(request);
    const { signal } = request.evaluation;
    if (signal === undefined) return;
    if (requests === undefined && sequence.pageCount > 0) this.#polled.add(request);
    else request.unlisten = onAbort(signal, () => this.#end(request)?.resolve(undefined));
  }

  #endAll(sequence: PagedSequence, tell: (request: Request) => void): void {
    // From the last one on, so that no other becomes the first.
    for (const request of [...(this.#requests.get(sequence) ?? [])].reverse()) {
      const ended = this.#end(request);
      if (ended) tell(ended);
    }
  }

  /** Ends a request and returns it for its caller to be told; undefined if it was over before. */
  #end(request: Request): Request | undefined {
    if (request.isOver) return undefined;
    const { sequence, use } = request;
    const { lines } = this.#composer;
    request.isOver = true;
    this.#polled.delete(request);
    this.#count--;
    lines.remove(request);
    const requests = this.#requests.get(sequence)!;
    const index = requests.indexOf(request);
    requests.splice(index, 1);
    if (requests.length === 0) {
      this.#requests.delete(sequence);
      this.rest(sequence, use);
    } else if (index === 0) lines.add(requests[0]!);
    try {
      request.unlisten?.();
    } catch {
      // A signal that somebody wrote may throw; the request has ended nevertheless.
    }
    return request;
  }

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      while (this.#count > 0 || this.#tasks.length > 0) await this.#next();
    } catch (error) {
      // Nobody may wait for ever, whatever went wrong.
      this.#rejectAll(error);
    } finally {
      this.#isWorking = false;
    }
  }

  /** One batch, after the event loop has run. */
  async #next(): Promise<void> {
    await nextTask();
    this.#endAborted();
    for (const task of this.#tasks.splice(0)) task();
    this.#wakeUp();
    const runs = this.#composer.compose(this.#runner.mostRows);
    if (runs.length > 0) await this.#evaluate(runs);
    else if (this.#adopting === 0) this.#refuse();
  }

  /** Ends the requests whose signal has fired, of those whose signals are looked at before each slice. */
  #endAborted(): void {
    for (const request of this.#polled) {
      try {
        if (request.evaluation.signal?.aborted) this.#end(request)?.resolve(undefined);
      } catch (error) {
        // A signal that somebody wrote may throw, which must not reach the requests of others.
        this.#end(request)?.reject(error);
      }
    }
  }

  /** Calls that rest too long give their pages up; they find them again if nobody else takes them. */
  #wakeUp(): void {
    const due = now() - REST_MS;
    for (const [sequence, { since, use }] of this.#restingSince) {
      if (since > due) return;
      this.#restingSince.delete(sequence);
      this.#numbers.delete(sequence);
      if (use === 'call' && this.#resting.delete(sequence)) sequence.giveUp();
    }
  }

  async #evaluate(runs: readonly RequestRun[]): Promise<void> {
    const began = now();
    const turn = ++this.#turn;
    /** How many tokens of a run count as evaluated, if its reader has said that not all do. */
    const kept = new Map<number, number>();
    const read = (run: number, index: number, row: () => LogitsRow) => {
      const { request, start } = runs[run]!;
      if (request.isOver || kept.has(run)) return;
      try {
        if (request.evaluation.read(row(), index) === false) kept.set(run, index + 1 - start);
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
    runs.forEach((run, index) => {
      this.#commit(run, turn, kept.get(index));
    });
  }

  /** Takes over the results of a run; `kept`: how many tokens count, if not all do. */
  #commit({ request, start, count, isCut }: RequestRun, turn: number, kept: number | undefined): void {
    if (request.isOver) return;
    const { sequence, evaluation } = request;
    sequence.commit(evaluation.tokens.slice(start, start + (kept ?? count)));
    request.evaluated += count;
    // Should its pages be taken, the results that were read are not read again.
    request.first = Math.max(request.first, start + count);
    if (kept === undefined && remaining(request) > 0) {
      this.#composer.lines.remove(request);
      if (!isCut) request.turn = turn;
      this.#composer.lines.add(request);
      return;
    }
    const cachedTokens = Math.max(0, start + count - request.evaluated);
    this.#end(request)?.resolve({ cachedTokens });
  }

  #record(ms: number, runs: readonly RequestRun[]): void {
    const sum = (of: 'count' | 'wanted') => runs.reduce((total, run) => total + run[of], 0);
    this.batchTimes.push({ ms, rows: sum('count'), wanted: sum('wanted') });
    if (this.batchTimes.length > KEPT_BATCHES) this.batchTimes.shift();
  }

  /** Ends the foremost request, which does not fit into memory even alone. */
  #refuse(): void {
    const request = this.#composer.lines.starved.at(0);
    if (request === undefined) return;
    const { length } = request.evaluation.tokens;
    const { memory } = request.sequence;
    const states = memory === undefined ? '' : ` and ${memory.count} encoder states`;
    const error = new Gpt2Error(
      'out-of-memory',
      `there is no room for the keys and values of ${length} tokens${states}: the model's memory has ${this.#pool.most} pages of ` +
        `${PAGE} positions, ${mebibytes(this.#pool.bytes)} each; load it with a larger maxMemory or a smaller kvCache`,
    );
    this.#end(request)?.reject(error);
  }
}
