import { onAbort } from '../../base/cancellation.js';
import { type Gpt2Error, throwIfAborted } from '../../base/errors.js';
import { startTimer, stopTimer } from '../../base/timers.js';

/** Attempts for one piece of work, the first included. */
const ATTEMPTS = 5;
/** The wait after the first failure; each further failure doubles it. */
const FIRST_WAIT_MS = 250;
/** A server that asks for a longer wait is given up. */
const LONGEST_WAIT_MS = 60_000;

/** How the failures of some requests are worded, and which of them are retried. */
export interface RetryRules {
  /** Names the work in the error `aborted`. */
  readonly work: string;
  readonly signal?: AbortSignal | undefined;
  /** Attempts without any success in between; 5 by default. */
  readonly attempts?: number | undefined;
  /**
   * The error for a connection that could not be opened or that broke. Throws it if no other attempt can
   * succeed.
   */
  broken(error: unknown): Gpt2Error;
  /** The error for a response whose status refuses the request. */
  refused(response: Response): Gpt2Error;
}

/** Counts the failures of one piece of work and waits between its attempts. */
export class Retries {
  readonly #rules: RetryRules;
  #failures = 0;

  constructor(rules: RetryRules) {
    this.#rules = rules;
  }

  /** Bytes came: the next failure counts as the first. */
  succeeded(): void {
    this.#failures = 0;
  }

  /**
   * Resolves when it is time for the next attempt: after `wait` milliseconds if the server asked for a wait.
   * Throws `failure` if this was the last attempt, and `aborted`.
   */
  async failed(failure: Gpt2Error, wait = FIRST_WAIT_MS * 2 ** this.#failures): Promise<void> {
    const { work, signal, attempts = ATTEMPTS } = this.#rules;
    throwIfAborted(signal, work);
    this.#failures++;
    if (this.#failures >= attempts || wait > LONGEST_WAIT_MS) throw failure;
    await pause(wait, signal);
    throwIfAborted(signal, work);
  }
}

/** Resolves after `ms`, or at once when the signal fires. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = startTimer(end, ms);
    const release = onAbort(signal, end);
    function end() {
      stopTimer(timer);
      release();
      resolve();
    }
  });
}
