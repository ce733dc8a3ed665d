import type { JobRunner } from '../abi/job.js';
import type { EvaluatedRun, Hooks, LogitsRow } from '../types.js';
import type { PointActions, PointEdit, PointRead } from './actions.js';
import { HookedRunner } from './hooked_runner.js';
import type { Tracer } from './tracer.js';

/** What is changed and read while a sequence is evaluated. */
export class TraceHooks implements Hooks {
  readonly actions: ReadonlyMap<string, PointActions>;
  readonly #tracer: Tracer;

  constructor(
    tracer: Tracer,
    edits: ReadonlyMap<string, readonly PointEdit[]>,
    reads: ReadonlyMap<string, PointRead> = new Map(),
  ) {
    this.#tracer = tracer;
    const names = new Set([...edits.keys(), ...reads.keys()]);
    this.actions = new Map(
      Array.from(names, (name) => [name, { edits: edits.get(name) ?? [], read: reads.get(name) }]),
    );
  }

  runner(runs: readonly EvaluatedRun[], row: (index: number) => LogitsRow): JobRunner {
    return new HookedRunner(this.#tracer, runs, row);
  }
}
