import type { Batch } from '../core/training/batch.js';
import type { TrainCore } from '../core/training/train_core.js';
import type { TrainingStateStore } from '../files/training_state_store.js';
import type { DataPosition } from './data/batches.js';
import type { Objective } from './objective.js';
import type { LoopOptions } from './run_options.js';
import type { RunPlan } from './run_plan.js';
import type { RunIdentity, RunState } from './state/run_state.js';
import type { BestWeights } from './state/training_state.js';

/** Batches of a run, endless: from any position the same ones follow. */
export interface BatchSource {
  /** Position of the next batch. */
  readonly position: DataPosition;
  /** The next batch, whose arrays are the caller's. */
  next(): Batch | Promise<Batch>;
  /** Goes back to a position, after a batch could not be read. */
  seek?(position: DataPosition): void;
  /** All held-out batches, each valid until the next one is taken; undefined without held-out data. */
  validation(): Iterable<Batch> | AsyncIterable<Batch> | undefined;
}

/** A run that is ready for its next step: the first one, or that after the state it was resumed from. */
export interface LoopRun {
  readonly options: LoopOptions;
  /** Holds the weights and moments. */
  readonly core: TrainCore;
  readonly batches: BatchSource;
  readonly objective: Objective;
  readonly plan: RunPlan;
  /** Learning rate of each step, from 1. */
  readonly learningRate: (step: number) => number;
  readonly store: TrainingStateStore | undefined;
  readonly identity: RunIdentity;
  readonly state: RunState;
  /** Steps that are done before the core quantizes its matrices, if it does. */
  readonly quantizeFrom?: number | undefined;
  /** Files that each saved state has beside weights and moments, by their names. */
  readonly files?: ReadonlyMap<string, Uint8Array> | undefined;
  /** Weights with the lowest validation loss so far, if `patience` keeps them. */
  readonly best: BestWeights | undefined;
}
