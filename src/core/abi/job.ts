import type { CoreExports } from './exports.js';

/** A job of the core: layers and logits of a model, or a call whose arguments are in a structure. */
export type Job = ForwardJob | StructJob;

/**
 * Some layers of the batch that is written in core memory, then the final hidden states of some of its wanted
 * rows, and their logits if `hasLogits` is not 0; layers or rows may be none.
 */
export interface ForwardJob {
  readonly kind: 'forward';
  /** The layers from firstLayer to before endLayer. */
  readonly firstLayer: number;
  readonly endLayer: number;
  readonly firstWanted: number;
  readonly wantedRows: number;
  readonly hasLogits: number;
}

/** A call whose arguments are in a structure, a TRAINING, an ENCODER or the MODEL. */
export interface StructJob {
  readonly kind: StructCall;
}

/** Kinds of jobs; a job crosses to the threads with its kind's index. */
export const JOB_KINDS = [
  'forward',
  'forwardPass',
  'headPass',
  'backwardPass',
  'gradientSquares',
  'update',
  'encode',
  'remember',
] as const;

/** Calls that threads make together with the address of a structure. */
export type StructCall = Exclude<(typeof JOB_KINDS)[number], 'forward'>;

/** Calls that train, with the address of a TRAINING. */
export type TrainingCall = Exclude<StructCall, 'encode' | 'remember'>;

/** Addresses of a job's model (or other structure), its BATCH and the logits. */
export interface JobPlace {
  readonly model: number;
  readonly batch: number;
  readonly logits: number;
}

/** Computes a job or, if there are several threads, the calling thread's share of it. */
export function runJob(core: CoreExports, { model, batch, logits }: JobPlace, job: Job): void {
  if (job.kind !== 'forward') {
    (core as CoreExports & Record<StructCall, (struct: number) => void>)[job.kind](model);
    return;
  }
  const { firstLayer, endLayer, firstWanted, wantedRows, hasLogits } = job;
  if (endLayer > firstLayer) core.forward(model, batch, firstLayer, endLayer);
  if (wantedRows > 0) core.head(model, hasLogits ? logits : 0, firstWanted, wantedRows);
}

/** Runs jobs one at a time. */
export interface JobRunner {
  /** Throws `runtime` if a thread has died, `disposed` if `dispose` was called meanwhile. */
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
