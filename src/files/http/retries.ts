import { type Gpt2Error, throwIfAborted } from '../../base/errors.js';
import { startTimer, stopTimer } from '../../base/timers.js';

/** Attempts for one piece of work, the first included. */
const ATTEMPTS = 5;
/** The wait after the first failure; each further one doubles it. */
const FIRST_WAIT_MS = 250;
/** A server that asks for a longer wait is not waited for. */
const LONGEST_WAIT_MS = 60_000;

/** Counts the failures of one piece of work and waits between its attempts. */
export class Retries {
  readonly #work: string;
  readonly #signal: AbortSignal | undefined;
  readonly #attempts: number;
  #failures = 0;

  /** `work` names it where it is aborted. */
  constructor(work: string, signal: AbortSignal | undefined, attempts = ATTEMPTS) {
    this.#work = work;
    this.#signal = signal;
    this.#attempts = attempts;
  }

  /** Something came of it: the next failure is the first one again. */
  succeeded(): void {
    this.#failures = 0;
  }

  /**
   * Resolves when it is time to try again, after `asked` milliseconds where the server asks for a wait. Throws
   * `failure` where that was the last attempt, and `aborted`.
   */
  async failed(failure: Gpt2Error, asked?: number): Promise<void> {
    throwIfAborted(this.#signal, this.#work);
    const wait = asked ?? FIRST_WAIT_MS * 2 ** this.#failures;
    this.#failures++;
    if (this.#failures >= this.#attempts || wait > LONGEST_WAIT_MS) throw failure;
    await pause(wait, this.#signal);
    throwIfAborted(this.#signal, this.#work);
  }
}

/** Resolves after `ms`, or at once when the signal fires. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      stopTimer(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = startTimer(end, ms);
    signal?.addEventListener('abort', end);
  });
}
