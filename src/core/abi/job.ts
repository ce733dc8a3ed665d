import type { CoreExports } from './exports.js';

/** One call into the core: some layers of a block of positions, then the logits of some of its rows; either may be none. */
export interface Job {
  /** Address of the KV cache. */
  readonly cache: number;
  /** Rows of the block, and the position of the first. */
  readonly rows: number;
  readonly start: number;
  /** Layers firstLayer.. before endLayer. */
  readonly firstLayer: number;
  readonly endLayer: number;
  readonly firstLogits: number;
  readonly logitsRows: number;
  /** In place of all this a call of training: 1 + its index in TRAINING_CALLS. */
  readonly training?: number;
}

/** Calls that threads make together to train, with the address of assembly/backward/training.ts's Training. */
const TRAINING_CALLS = ['evaluate', 'accumulate', 'gradientSquares', 'update'] as const;

export type TrainingCall = (typeof TRAINING_CALLS)[number];

/** The job of a call of training. */
export function trainingJob(call: TrainingCall): Job {
  const none = { cache: 0, rows: 0, start: 0, firstLayer: 0, endLayer: 0, firstLogits: 0, logitsRows: 0 };
  return { ...none, training: 1 + TRAINING_CALLS.indexOf(call) };
}

/** Where a job finds model (or Training), token ids and the place for logits, in bytes. */
export interface JobPlace {
  readonly model: number;
  readonly tokens: number;
  readonly logits: number;
}

/** Computes a job, or with several threads the calling thread's share of it. */
export function runJob(core: CoreExports, { model, tokens, logits }: JobPlace, job: Job): void {
  const { cache, rows, start, firstLayer, endLayer, firstLogits, logitsRows, training } = job;
  if (training) {
    (core as CoreExports & Record<TrainingCall, (training: number) => void>)[TRAINING_CALLS[training - 1]!](
      model,
    );
    return;
  }
  if (endLayer > firstLayer) core.forward(model, cache, tokens, rows, start, firstLayer, endLayer);
  if (logitsRows > 0) core.head(model, logits, firstLogits, logitsRows);
}

/** Runs jobs one at a time. */
export interface JobRunner {
  /** Throws `runtime` where a thread has died, `disposed` where `dispose` was called meanwhile. */
  run(job: Job): Promise<void>;
  dispose(): void;
}

/** Computes on the caller's own thread. */
export class OwnThread implements JobRunner {
  readonly #core: CoreExports;
  readonly #place: JobPlace;

  constructor(core: CoreExports, place: JobPlace) {
    this.#core = core;
    this.#place = place;
  }

  async run(job: Job): Promise<void> {
    runJob(this.#core, this.#place, job);
  }

  dispose(): void {}
}
