import { type Batch, countTargets } from '../core/training/batch.js';
import type { MicrobatchOptions } from '../core/training/microbatch_options.js';
import type { TrainCore } from '../core/training/train_core.js';
import type { TrainingStep } from './training_step.js';

/** The loss that a run minimizes. */
export interface Objective {
  /** Losses in a batch; the loss of a step is the mean of all losses of its batches. */
  count(batch: Batch): number;
  /** Adds the gradients of a batch's losses, times `options.scale`. Returns the sum of the losses. */
  accumulate(core: TrainCore, batch: Batch, options: MicrobatchOptions): Promise<number>;
  /** The sum of a batch's losses, without dropout; gradients are unchanged. */
  evaluate(core: TrainCore, batch: Batch): Promise<number>;
  /** Further numbers about all losses since the latest call, for steps to report. */
  measures?(): Pick<TrainingStep, 'accuracy' | 'margin'> | undefined;
}

/** Cross-entropy to the next token, a loss for each target, in nats. */
export const NEXT_TOKEN: Objective = {
  count: countTargets,
  accumulate: (core, batch, options) => core.accumulate(batch, options),
  evaluate: (core, batch) => core.evaluate(batch),
};
