import { onAbort } from '../base/cancellation.js';
import { now, startTimer, stopTimer } from '../base/timers.js';
import { ApiError, asApiError, RETRY_AFTER } from './api_error.js';
import type { AccessEntry, Limits } from './handler_options.js';

/** What an answer reports about the work that it took. */
export type WorkDone = Pick<AccessEntry, 'model' | 'promptTokens' | 'completionTokens' | 'request'>;

/** The status of an answer that nobody waits for, as nginx has it; it is for the log alone. */
export const CLIENT_LEFT = 499;

const TIMEOUT = { code: 'timeout' };

/** What is known of an answer beside its entry in the log. */
export interface AnswerDetails {
  /** The path of its route, such as `/v1/models/:model`; `other` for requests that no route answers. */
  readonly route: string;
  /** Milliseconds until a stream's first event was there. */
  readonly firstMs: number | undefined;
}

/** What the exchanges of a server share. */
interface Shared {
  readonly limits: Limits;
  readonly open: Set<Exchange>;
  readonly onAnswer: (entry: AccessEntry, details: AnswerDetails) => void;
  readonly onError: (error: unknown) => void;
  computing: number;
  streams: number;
  /** Bytes of the bodies of all open requests. */
  bodyBytes: number;
}

/** One request until the end of its answer: what it holds, and the signal that ends its work. */
export class Exchange {
  readonly #shared: Shared;
  readonly #request: Request;
  readonly #controller = new AbortController();
  readonly #start = now();
  readonly #unlisten: () => void;
  readonly #limit: unknown;
  #done: WorkDone = {};
  #status = 500;
  #bodyBytes = 0;
  #isComputing = false;
  #isStream = false;
  #isOver = false;
  #unread: unknown;
  #firstMs: number | undefined;
  /** The path of the route that answers. */
  route = 'other';
  readonly #ends: ((error?: unknown) => void)[] = [];
  /** The error that the answer tells. */
  #error: unknown;

  constructor(shared: Shared, request: Request) {
    this.#shared = shared;
    this.#request = request;
    shared.open.add(this);
    const { requestMs } = shared.limits;
    const late = () => this.abort(new ApiError(504, `the answer took more than ${requestMs} ms`, TIMEOUT));
    this.#limit = startTimer(late, requestMs);
    const left = () => this.abort(new ApiError(CLIENT_LEFT, 'the client has left'));
    this.#unlisten = onAbort(request.signal, left);
    if (request.signal.aborted) left();
  }

  /** Fires when the client leaves, when the time is over, when the server stops, and at the end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isStream(): boolean {
    return this.#isStream;
  }

  /** Whether the answer is not complete. */
  get isOpen(): boolean {
    return !this.#isOver;
  }

  /** What a promise that cannot be cancelled gives. Throws the signal's reason if that fires before. */
  async awaited<T>(promise: Promise<T>): Promise<T> {
    const { signal } = this;
    let unlisten = () => {};
    const over = new Promise<never>((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      unlisten = onAbort(signal, () => reject(signal.reason));
    });
    try {
      return await Promise.race([over, promise]);
    } finally {
      unlisten();
    }
  }

  /** Ends the work with the reason. */
  abort(reason: ApiError): void {
    if (!this.signal.aborted) this.#status = reason.status;
    this.#controller.abort(reason);
  }

  /** The answer for an error; those that are the server's fault are reported. */
  failed(error: unknown): ApiError {
    const answer = asApiError(error);
    this.#error ??= error;
    if (answer.status === 500) this.#shared.onError(answer.cause ?? answer);
    return answer;
  }

  /**
   * Counts bytes of the body, which are in memory until the end. Throws an ApiError if there are too many of all requests
   * together: as many as those that may compute can have.
   */
  receive(bytes: number): void {
    const { limits, bodyBytes } = this.#shared;
    if (bodyBytes + bytes > limits.requests * limits.bodyBytes) {
      throw busy(`the server holds ${bodyBytes} bytes of requests`);
    }
    this.#bodyBytes += bytes;
    this.#shared.bodyBytes += bytes;
  }

  /** Counts the request among those that compute until its end. Throws an ApiError if there are too many. */
  compute(): void {
    const { limits, computing } = this.#shared;
    if (computing >= limits.requests) throw busy(`the server is busy with ${computing} requests`);
    this.#setComputing(true);
  }

  /** Makes the answer a stream. Throws an ApiError if too many are open. */
  openStream(): void {
    const { limits, streams } = this.#shared;
    if (streams >= limits.streams) throw busy(`the server has ${streams} open streams`);
    this.#shared.streams++;
    this.#isStream = true;
  }

  /** The reader of a stream asks for more: the request computes again, however many others do. */
  read(): void {
    if (this.#isOver) return;
    stopTimer(this.#unread);
    this.#setComputing(true);
  }

  /** The reader of a stream has all that there is: the request computes nothing, and waits only so long. */
  rest(): void {
    if (this.#isOver) return;
    this.#firstMs ??= now() - this.#start;
    this.#setComputing(false);
    const { unreadMs } = this.#shared.limits;
    const unread = () => this.abort(new ApiError(408, `the stream was not read for ${unreadMs} ms`, TIMEOUT));
    this.#unread = startTimer(unread, unreadMs);
  }

  /** Notes what the answer took, for the log. */
  note(done: WorkDone): void {
    this.#done = { ...this.#done, ...done };
  }

  /** Calls `listener` when the answer is complete, with the error that it tells, if it does. */
  onEnd(listener: (error?: unknown) => void): void {
    if (this.#isOver) listener(this.#error);
    else this.#ends.push(listener);
  }

  /** The answer is complete: gives everything back, and ends work that is still in progress. */
  end(status?: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (!this.signal.aborted && status !== undefined) this.#status = status;
    this.#setComputing(false);
    if (this.#isStream) this.#shared.streams--;
    this.#shared.bodyBytes -= this.#bodyBytes;
    stopTimer(this.#limit);
    stopTimer(this.#unread);
    this.#unlisten();
    this.#controller.abort(new ApiError(500, 'the answer is complete'));
    for (const listener of this.#ends) listener(this.#error);
    this.#shared.open.delete(this);
    const { method, url } = this.#request;
    const path = new URL(url).pathname;
    const entry = { method, path, status: this.#status, ms: now() - this.#start, ...this.#done };
    this.#shared.onAnswer(entry, { route: this.route, firstMs: this.#firstMs });
  }

  #setComputing(isComputing: boolean): void {
    if (this.#isComputing === isComputing) return;
    this.#isComputing = isComputing;
    this.#shared.computing += isComputing ? 1 : -1;
  }
}

const busy = (what: string): ApiError =>
  new ApiError(503, `${what}; try again later`, { code: 'server_busy', retryAfter: RETRY_AFTER });
