import type { EvaluatedRun } from '../types.js';
import { editRow, isAt, type PointActions, readRow } from './actions.js';
import type { Tracer } from './tracer.js';

/** A run of a batch and what happens in it. */
export interface PlacedRun {
  /** Its index in the batch, its first row there and its first position. */
  readonly index: number;
  readonly first: number;
  readonly start: number;
  readonly count: number;
  /** Rows of the batch's wanted ones. */
  readonly firstWanted: number;
  readonly wanted: number;
  readonly evaluation: EvaluatedRun['request']['evaluation'];
  /** What happens at a hook, if anything does at one of its positions. */
  at(hook: string): PointActions | undefined;
}

/** Rows of a batch in memory: the address of the first one and the numbers of each. */
export interface Rows {
  readonly address: number;
  readonly stride: number;
  readonly width: number;
}

/** The runs of a batch, with the hooks of each. */
export class HookedBatch {
  readonly tracer: Tracer;
  readonly runs: readonly PlacedRun[];
  /** The layers with hooks of positions in the batch; what is before the first one belongs to it. */
  readonly #layers = new Set<number>();

  constructor(tracer: Tracer, runs: readonly EvaluatedRun[]) {
    this.tracer = tracer;
    let [first, firstWanted] = [0, 0];
    this.runs = runs.map(({ request: { evaluation }, start, count, wanted }, index) => {
      const actions = new Map<string, PointActions>();
      for (const [hook, own] of evaluation.inputs?.hooks?.actions ?? []) {
        let i = 0;
        while (i < count && !isAt(own, start + i)) i++;
        if (i === count) continue;
        actions.set(hook, own);
        this.#layers.add(layerOf(hook));
      }
      const at = (hook: string) => actions.get(hook);
      const placed = { index, first, start, count, firstWanted, wanted, evaluation, at };
      first += count;
      firstWanted += wanted;
      return placed;
    });
  }

  hasHooks(layer: number): boolean {
    return this.#layers.has(layer);
  }

  /** How many rows there are. */
  get rows(): number {
    return this.runs.reduce((sum, { count }) => sum + count, 0);
  }

  /** The numbers of a row. */
  row({ address, stride, width }: Rows, index: number): Float32Array {
    return this.tracer.memory.f32(address + stride * index, width);
  }

  /** Whether any run has hooks of this name. */
  wants(hook: string): boolean {
    return this.runs.some((run) => run.at(hook) !== undefined);
  }

  /** Changes and reads rows; `changed` is called for each row of which a bit has changed. */
  visit(hook: string, rows: Rows, changed?: (row: number) => void): void {
    for (const run of this.runs) {
      const actions = run.at(hook);
      if (actions === undefined) continue;
      for (let i = 0; i < run.count; i++) {
        const row = this.row(rows, run.first + i);
        const position = run.start + i;
        if (editRow(actions, row, position)) changed?.(run.first + i);
        readRow(actions.read, row, position);
      }
    }
  }
}

/** The layer of a hook; -1 after the last one. */
function layerOf(hook: string): number {
  const [, layer] = /^blocks\.(\d+)\./.exec(hook) ?? [];
  if (layer !== undefined) return Number(layer);
  return hook.startsWith('ln_final.') ? -1 : 0;
}
