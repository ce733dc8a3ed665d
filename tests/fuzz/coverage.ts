import { Session } from 'node:inspector';

/** Tells whether an input ran code of this package that none before it has run, by V8's block coverage. */
export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
  }

  /** Blocks that have run. */
  get size(): number {
    return this.#seen.size;
  }

  /** Whether blocks ran since the last call that had not run before. */
  hasGrown(): boolean {
    const before = this.#seen.size;
    this.#session.post('Profiler.takePreciseCoverage', (error, taken) => {
      if (error !== null || taken === undefined) return;
      for (const { url, scriptId, functions } of taken.result) {
        if (!url.includes('/src/')) continue;
        for (const { ranges } of functions) {
          for (const { startOffset, endOffset, count } of ranges) {
            if (count > 0) this.#seen.add(`${scriptId}:${startOffset}:${endOffset}`);
          }
        }
      }
    });
    return this.#seen.size > before;
  }
}
