import { Session } from 'node:inspector';

/** Tells which code of this package ran for the first time, by V8's block coverage. */
export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();

  /** Only functions that are compiled after this are counted by blocks. */
  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    // With counts, a block is reported again if it runs again.
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Blocks that have run. */
  get size(): number {
    return this.#seen.size;
  }

  /** Marks the blocks that ran since the last call as seen, and returns those that were not before. */
  newBlocks(): Set<string> {
    const fresh = new Set<string>();
    for (const block of this.#ran()) if (!this.#seen.has(block)) fresh.add(block);
    for (const block of fresh) this.#seen.add(block);
    return fresh;
  }

  /** Whether one of `blocks` ran since the last call. They are removed. */
  ranOneOf(blocks: Set<string>): boolean {
    let hasRun = false;
    for (const block of this.#ran()) if (blocks.delete(block)) hasRun = true;
    return hasRun;
  }

  #ran(): string[] {
    const blocks: string[] = [];
    this.#session.post('Profiler.takePreciseCoverage', (error, taken) => {
      if (error !== null || taken === undefined) return;
      for (const { url, scriptId, functions } of taken.result) {
        if (!url.includes('/src/')) continue;
        for (const { ranges } of functions) {
          for (const { startOffset, endOffset, count } of ranges) {
            if (count > 0) blocks.push(`${scriptId}:${startOffset}:${endOffset}`);
          }
        }
      }
    });
    return blocks;
  }
}
