import { NO_TOKEN, padded } from '../../assembly/abi.js';
import type { ModelConfig } from '../architecture/gpt2/config.js';
import { Gpt2Error } from '../base/errors.js';
import { nextTask } from '../base/next_task.js';
import { now } from '../base/timers.js';
import { type RunFields, writeBatch } from './abi/batch_struct.js';
import type { CoreExports } from './abi/exports.js';
import type { JobRunner } from './abi/job.js';
import type { CrossAttention } from './cross/cross_attention.js';
import { LayerSlicer } from './layer_slicer.js';
import { logitsRow, type RowScratch } from './logits_row.js';
import type { CoreMemory } from './memory.js';
import type { RequestRun } from './scheduler/request.js';
import type { BatchRunner } from './scheduler/scheduler.js';
import type { Hooks, LogitsRow } from './types.js';

/** Addresses that evaluating a batch needs. */
export interface BatchPlace extends RowScratch {
  readonly batch: number;
  readonly x: number;
  readonly normed: number;
  readonly logits: number;
}

/** What a batch is computed with. */
export interface BatchMachine {
  readonly memory: CoreMemory;
  readonly core: CoreExports;
  readonly runner: JobRunner;
  readonly cross: CrossAttention | undefined;
}

/** Evaluates batches in core memory, slice by slice. */
export class BatchEvaluator implements BatchRunner {
  readonly #config: ModelConfig;
  readonly #place: BatchPlace;
  readonly #machine: () => BatchMachine;
  readonly #slicer: LayerSlicer;

  /** `machine` throws `disposed` if there is none any more. */
  constructor(config: ModelConfig, place: BatchPlace, machine: () => BatchMachine) {
    this.#config = config;
    this.#place = place;
    this.#machine = machine;
    this.#slicer = new LayerSlicer(config);
  }

  get mostRows(): number {
    return this.#slicer.mostRows;
  }

  async run(
    runs: readonly RequestRun[],
    read: (run: number, index: number, row: () => LogitsRow) => void,
    isWanted: () => boolean,
  ): Promise<boolean> {
    const { layers } = this.#config;
    const { memory, cross } = this.#machine();
    // Before anything is awaited: a run whose caller leaves meanwhile must not lose its place.
    const memories = cross?.place(runs);
    writeBatch(
      memory,
      this.#place.batch,
      runs.map((run, index) => fieldsOf(run, memories?.[index] ?? 0)),
    );
    if (cross && !(await cross.remember(runs, isWanted))) return false;
    const hooks = this.#writeVectors(memory, runs);
    const rows = runs.reduce((sum, { count }) => sum + count, 0);
    const wanted = wantedRows(runs);
    const hooked = hooks?.runner(runs, (index) => this.#row(index, true));
    let done = 0;
    let blockedMs = 0;
    for (let firstLayer = 0; firstLayer < layers || done < wanted.length; ) {
      if (firstLayer > 0) {
        // A turn for each millisecond that it had to wait, in which Node accepts one connection.
        do await nextTask();
        while (--blockedMs > 0);
        if (!isWanted()) return false;
      }
      const { runner } = this.#machine();
      const slice = this.#slicer.next(rows, firstLayer, wanted.length - done);
      const part = wanted.slice(done, done + slice.wantedRows);
      const hasLogits = part.some(({ run }) => runs[run]!.request.evaluation.wanted !== 'hidden') ? 1 : 0;
      const began = now();
      await (hooked ?? runner).run({ kind: 'forward', ...slice, firstWanted: done, hasLogits });
      blockedMs = now() - began;
      this.#slicer.record(blockedMs, rows, slice);
      part.forEach(({ run, index }, i) => {
        cross?.report(runs[run]!, run, index);
        read(run, index, () => this.#row(i, hasLogits === 1));
      });
      firstLayer = slice.endLayer;
      done += part.length;
    }
    return true;
  }

  /** Writes the vectors that stand in place of tokens into the rows that they begin. Returns hooks, if a run has some. */
  #writeVectors(memory: CoreMemory, runs: readonly RequestRun[]): Hooks | undefined {
    const { channels } = this.#config;
    let hooks: Hooks | undefined;
    let row = 0;
    for (const { request, start, count } of runs) {
      const { tokens, inputs } = request.evaluation;
      hooks ??= inputs?.hooks;
      for (let i = start; i < start + count; i++, row++) {
        if (tokens[i] !== NO_TOKEN) continue;
        memory.f32(this.#place.x + 4 * padded(channels) * row, channels).set(inputs!.vector!(i));
      }
    }
    return hooks;
  }

  /** Wanted row `index` of the latest job. Throws `runtime` if it is not finite. */
  #row(index: number, hasLogits: boolean): LogitsRow {
    const { memory, core } = this.#machine();
    const { vocabSize, channels } = this.#config;
    const address = this.#place.logits + index * 4 * padded(vocabSize);
    const hidden = this.#place.normed + index * 4 * padded(channels);
    const [checked, count] = hasLogits ? [address, vocabSize] : [hidden, channels];
    if (!(core.largestMagnitude(checked, count) < Infinity)) {
      throw new Gpt2Error(
        'runtime',
        'the model computed logits that are NaN or infinite: its weights, adapters or edits are too large',
      );
    }
    return logitsRow(memory, core, { values: address, hidden }, this.#config, this.#place);
  }
}

function fieldsOf({ request, start, count, wanted }: RequestRun, memory: number): RunFields {
  const { sequence, evaluation } = request;
  return {
    pages: sequence.addresses,
    start,
    tokens: evaluation.tokens.slice(start, start + count),
    positions: evaluation.inputs?.positions?.slice(start, start + count),
    wanted,
    adapters: sequence.adapters,
    memory,
  };
}

/** The wanted rows of a batch in their order: the run and the token's index in the sequence. */
function wantedRows(runs: readonly RequestRun[]): { run: number; index: number }[] {
  return runs.flatMap(({ start, count, wanted }, run) =>
    Array.from({ length: wanted }, (_, i) => ({ run, index: start + count - wanted + i })),
  );
}
