import { note } from './output.js';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Turns Ctrl-C and SIGTERM into an abort signal, so that results so far can still be written. The second one
 * ends the process at once.
 */
export class Interrupt {
  /** Exit code of the process if it was interrupted. */
  exitCode: number | undefined;
  readonly #controller = new AbortController();

  constructor() {
    for (const [name, exitCode] of Object.entries(EXIT_CODES)) {
      process.on(name, () => {
        if (this.exitCode !== undefined) process.exit(exitCode);
        this.exitCode = exitCode;
        this.#controller.abort();
      });
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * Reports an interrupt as the end of a command and sets the exit code. Rethrows an error with another
   * cause.
   */
  report(error: unknown, message: string): void {
    if (this.exitCode === undefined) throw error;
    note(message);
    process.exitCode = this.exitCode;
  }
}
