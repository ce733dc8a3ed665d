import { checkArray } from '../base/check_lists.js';
import { checkNumber } from '../base/check_number.js';
import { checkOptionNames, invalidOption } from '../base/check_options.js';
import type { Batch } from '../core/training/batch.js';
import type { DropoutRates } from '../core/training/microbatch_options.js';
import { checkOptimizer, type Optimizer } from '../core/training/shape.js';
import { updateFields } from '../core/training/structs.js';
import type { TrainCore } from '../core/training/train_core.js';
import { diverged } from './diverged.js';
import { NEXT_TOKEN, type Objective } from './objective.js';

/** Options of one step of the optimizer. */
export interface StepOptions {
  /** Which step this is, from 1. */
  readonly step: number;
  /** Learning rate of this step. */
  readonly learningRate: number;
  /** The optimizer of the core's shape, which is the default: any other one is refused. */
  readonly optimizer?: Optimizer;
  /** Decay of AdamW's first moment. Default 0.9. */
  readonly beta1?: number;
  /** Decay of AdamW's second moment. Default 0.95. */
  readonly beta2?: number;
  /** Added to the root of the second moment. Default 1e-8. */
  readonly epsilon?: number;
  /** Decoupled weight decay of matrices and embeddings; biases and norms are not decayed. Default 0.1. */
  readonly weightDecay?: number;
  /** Gradients with a larger Euclidean norm are scaled down to it; Infinity disables that. Default 1. */
  readonly maxGradientNorm?: number;
  /** Dropout rates; none by default. */
  readonly dropout?: DropoutRates;
  /** Seed of the dropout masks, which also differ by step and microbatch; 32 bits. Default 0. */
  readonly seed?: number;
}

const OPTION_NAMES: readonly string[] = [
  ...([
    'step',
    'learningRate',
    'optimizer',
    'beta1',
    'beta2',
    'epsilon',
    'weightDecay',
  ] satisfies (keyof StepOptions)[]),
  ...(['maxGradientNorm', 'dropout', 'seed'] satisfies (keyof StepOptions)[]),
];

/** Results of one step. */
export interface StepResult {
  /** Mean of the step's losses before the update, in nats. */
  readonly loss: number;
  /** Number of losses in the step: by default its targets. */
  readonly targets: number;
  /** Euclidean norm of all gradients before clipping. */
  readonly gradientNorm: number;
}

/** Limit of the norm of the gradients after clipping: AdamW squares them in f32. */
const LARGEST_NORM = 1e19;

/**
 * Limit of the microbatches of a step: their numbers, and so their dropout masks, differ from those of other
 * steps.
 */
const MOST_MICROBATCHES = 2 ** 12;

/**
 * One step of AdamW, or of the optimizer of the core's shape, on the mean loss of `batches`, the microbatches whose
 * gradients are accumulated: by default the cross-entropy of all targets. The result is a function of the core's weights
 * and moments and of the arguments, so a run that is stopped after a step can be resumed without a difference.
 *
 * Throws `runtime` if the loss or the gradients are not finite; weights and moments are then unchanged, but
 * the gradients are not usable, and no further step can follow.
 */
export async function trainStep(
  core: TrainCore,
  batches: readonly Batch[],
  options: StepOptions,
  objective: Objective = NEXT_TOKEN,
): Promise<StepResult> {
  checkOptionNames('trainStep', options, OPTION_NAMES);
  if (typeof core?.accumulate !== 'function') throw invalidOption('core', core, 'a TrainCore');
  checkStepOptimizer(options.optimizer, core);
  const right = `an array of at most ${MOST_MICROBATCHES} batches`;
  checkArray('batches', batches, right);
  if (batches.length > MOST_MICROBATCHES) throw invalidOption('batches', batches, right);
  const { step, learningRate, beta1 = 0.9, beta2 = 0.95, epsilon = 1e-8, weightDecay = 0.1 } = options;
  const { maxGradientNorm = 1, seed = 0, dropout } = options;
  const update = { learningRate, step, beta1, beta2, epsilon, weightDecay };
  updateFields({ ...update, gradientScale: 1 });
  checkNumber('maxGradientNorm', maxGradientNorm, [(norm) => norm > 0, 'a number above 0']);
  const targets = batches.reduce((sum, batch) => sum + objective.count(batch), 0);
  const scale = targets === 0 ? 0 : 1 / targets;
  let loss = 0;
  for (const [i, batch] of batches.entries()) {
    const microbatch = (step * MOST_MICROBATCHES + i) % 2 ** 32;
    const numbers = { scale, seed, microbatch, ...(dropout && { dropout }) };
    loss += await objective.accumulate(core, batch, numbers);
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

/** Throws `invalid-option` for another optimizer than the one that the core has planned its memory for. */
function checkStepOptimizer(optimizer: Optimizer | undefined, { shape }: TrainCore): void {
  checkOptimizer(optimizer);
  const planned = shape.optimizer ?? 'adamw';
  if (optimizer === undefined || optimizer === planned) return;
  throw invalidOption('optimizer', optimizer, `'${planned}', that of the core's shape`);
}
