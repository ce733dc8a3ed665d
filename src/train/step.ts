import { checkNumber } from '../base/check_number.js';
import { checkArray, checkOptionNames, invalidOption } from '../base/check_options.js';
import { type Batch, countTargets, type DropoutRates } from '../core/training/batch.js';
import { updateFields } from '../core/training/structs.js';
import type { TrainCore } from '../core/training/train_core.js';
import { diverged } from './diverged.js';

/** Numbers of one step of AdamW. */
export interface StepOptions {
  /** Which step this is, from 1. */
  readonly step: number;
  /** Learning rate of this step. */
  readonly learningRate: number;
  /** Decay rates of AdamW's moments. Default 0.9 and 0.95. */
  readonly beta1?: number;
  /** Decay of the second moment. Default 0.95. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** Decoupled decay of matrices and embeddings; vectors have none. Default 0.1. */
  readonly weightDecay?: number;
  /** Largest norm of all gradients together; Infinity leaves them alone. Default 1. */
  readonly maxGradientNorm?: number;
  /** Dropout rates; none by default. */
  readonly dropout?: DropoutRates;
  /** Decides the dropout masks together with `step`; 32 bits. Default 0. */
  readonly seed?: number;
}

const OPTION_NAMES: readonly string[] = [
  ...(['step', 'learningRate', 'beta1', 'beta2', 'epsilon', 'weightDecay'] satisfies (keyof StepOptions)[]),
  ...(['maxGradientNorm', 'dropout', 'seed'] satisfies (keyof StepOptions)[]),
];

/** Results of one step. */
export interface StepResult {
  /** Mean loss of the step's targets before the update, in nats. */
  readonly loss: number;
  /** Targets in the step. */
  readonly targets: number;
  /** Norm of all gradients before clipping. */
  readonly gradientNorm: number;
}

/** Largest norm of the gradients after clipping: AdamW squares them in 32 bits. */
const LARGEST_NORM = 1e19;

/** Batches in a step at most, so that every pass of a run has dropout masks of its own. */
const MOST_BATCHES = 2 ** 12;

/**
 * One step of AdamW on the mean loss over all targets of some batches, whose gradients are accumulated. The result
 * depends on the core's weights and moments and on the arguments alone, so a run that is stopped after a step goes
 * on as if it had not been.
 *
 * Throws `runtime` if the loss or the gradients are not finite; weights and moments are then as they were before the
 * step, but the gradients are of no use, and no further step can follow.
 */
export async function trainStep(
  core: TrainCore,
  batches: readonly Batch[],
  options: StepOptions,
): Promise<StepResult> {
  checkOptionNames('trainStep', options, OPTION_NAMES);
  if (typeof core?.accumulate !== 'function') throw invalidOption('core', core, 'a TrainCore');
  const right = `an array of at most ${MOST_BATCHES} batches`;
  checkArray('batches', batches, right);
  if (batches.length > MOST_BATCHES) throw invalidOption('batches', batches, right);
  const { step, learningRate, beta1 = 0.9, beta2 = 0.95, epsilon = 1e-8, weightDecay = 0.1 } = options;
  const { maxGradientNorm = 1, seed = 0, dropout } = options;
  const update = { learningRate, step, beta1, beta2, epsilon, weightDecay };
  updateFields({ ...update, gradientScale: 1 });
  checkNumber('maxGradientNorm', maxGradientNorm, [(norm) => norm > 0, 'a number above 0']);
  const targets = batches.reduce((sum, batch) => sum + countTargets(batch), 0);
  const scale = targets === 0 ? 0 : 1 / targets;
  let loss = 0;
  for (const [i, batch] of batches.entries()) {
    const pass = (step * MOST_BATCHES + i) % 2 ** 32;
    loss += await core.accumulate(batch, { scale, seed, pass, ...(dropout && { dropout }) });
  }
  if (!Number.isFinite(loss)) throw diverged(`the loss of step ${step}`, loss * scale);
  const gradientNorm = await core.gradientNorm();
  if (!(Math.min(gradientNorm, maxGradientNorm) <= LARGEST_NORM)) {
    throw diverged(`the norm of the gradients of step ${step}`, gradientNorm);
  }
  const gradientScale = Math.min(1, maxGradientNorm / (gradientNorm + 1e-6));
  await core.update({ ...update, gradientScale });
  return { loss: loss * scale, targets, gradientNorm };
}
