import { startTimer, stopTimer } from '../base/timers.js';
import { ApiError, RETRY_AFTER } from './api_error.js';
import { type AnswerDetails, Exchange } from './exchange.js';
import type { AccessEntry, Limits } from './handler_options.js';

const stopping = () =>
  new ApiError(503, 'the server is stopping', { code: 'server_stopping', retryAfter: RETRY_AFTER });

/** All requests that are being answered. */
export class Exchanges {
  readonly #shared;
  #isClosing = false;
  /** Called when no exchange is open any more. */
  readonly #waiting: (() => void)[] = [];

  constructor(
    limits: Limits,
    onAnswer: (entry: AccessEntry, details: AnswerDetails) => void,
    onError: (error: unknown) => void,
  ) {
    const answered = (entry: AccessEntry, details: AnswerDetails) => {
      if (this.#shared.open.size === 0) for (const resolve of this.#waiting.splice(0)) resolve();
      onAnswer(entry, details);
    };
    const open = new Set<Exchange>();
    this.#shared = { limits, open, onAnswer: answered, onError, computing: 0, streams: 0, bodyBytes: 0 };
  }

  /** How many compute or wait, and how many streams are open. */
  get counts(): { readonly computing: number; readonly streams: number } {
    const { computing, streams } = this.#shared;
    return { computing, streams };
  }

  begin(request: Request): Exchange {
    return new Exchange(this.#shared, request);
  }

  /** Throws an ApiError if the server is stopping. */
  checkOpen(): void {
    if (this.#isClosing) throw stopping();
  }

  /** Lets open exchanges end for so long, and ends the others. May be called again, to end them earlier. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    const { open } = this.#shared;
    if (open.size === 0) return;
    const timer = startTimer(() => {
      for (const exchange of open) exchange.abort(stopping());
    }, graceMs);
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
    stopTimer(timer);
  }
}
