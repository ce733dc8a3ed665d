const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Turns Ctrl-C and SIGTERM into an abort signal, so that what was done so far can still be given out. The second
 * one ends the process at once.
 */
export class Interrupt {
  /** What the process should end with, once it was interrupted. */
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
}
