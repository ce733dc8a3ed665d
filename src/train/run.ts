import { invalidOption } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import type { DataPosition } from './data/batches.js';
import type { LossPoint } from './plot/loss_curve.js';
import type { ScheduleOptions } from './schedule.js';
import type { ResolvedOptions } from './trainer_options.js';

/** One step of the optimizer. */
export interface TrainingStep {
  /** From 1. */
  readonly step: number;
  /** Mean loss of the step's targets before the update, in nats. */
  readonly loss: number;
  /** Norm of all gradients before clipping. */
  readonly gradNorm: number;
  /** Learning rate of this step. */
  readonly learningRate: number;
  /** Tokens that the whole run has gone through. */
  readonly tokens: number;
  /** Of this step alone, without evaluation and checkpoints. */
  readonly tokensPerSecond: number;
  /** Mean loss of the held-out documents after the update, for steps that have an evaluation. */
  readonly validationLoss?: number;
}

/** What a run's future depends on besides the numbers in the core. */
export interface RunState {
  step: number;
  tokens: number;
  position: DataPosition;
  readonly training: LossPoint[];
  readonly validation: LossPoint[];
  /** Validation losses since the best one. */
  fruitless: number;
  /** A step whose validation loss is still to be computed. */
  pending?: TrainingStep;
}

/** What follows from options and data for the whole run. Throws `invalid-option`. */
export function runPlan(options: ResolvedOptions, rowsPerEpoch: number) {
  const { epochs = 1, batchSize, accumulation, schedule, model, lora } = options;
  const perEpoch = rowsPerEpoch / (batchSize * accumulation);
  const steps = options.steps ?? Math.max(1, Math.ceil(epochs * perEpoch));
  const { learningRate: peak = model === undefined ? 6e-4 : lora ? 1e-3 : 1e-4 } = options;
  const { warmup = Math.floor(steps / 20), finalLearningRate: final = peak / 10 } = options;
  if (warmup > steps) {
    throw invalidOption('warmup', warmup, `at most the steps of the run, ${steps}`);
  }
  if (final > peak) {
    throw invalidOption('finalLearningRate', final, `at most the learning rate, ${peak}`);
  }
  const { evaluateEvery = Math.max(1, Math.floor(steps / 10)) } = options;
  const rates: ScheduleOptions = { peak, steps, warmup, decay: schedule, final };
  return { steps, schedule: rates, evaluateEvery };
}

/**
 * The state in a checkpoint. Throws `invalid-option` if it is of a run with other data, model or options, and
 * `invalid-file` for numbers that no run has.
 */
export function sameRun(
  read: Record<string, unknown>,
  identity: Readonly<Record<string, unknown>>,
  name: string,
): RunState {
  const { identity: stored, ...state } = read;
  for (const [key, value] of Object.entries(identity)) {
    const before = JSON.stringify((stored as Record<string, unknown> | undefined)?.[key]);
    if (before === JSON.stringify(value)) continue;
    const isLong = key === 'data' || key === 'config' || key === 'base';
    const what = before === undefined ? `no ${key}` : isLong ? `other ${key}` : `${key} ${before}`;
    throw new Gpt2Error('invalid-option', `${name} is of a run with ${what}; resume with what it began with`);
  }
  if (!isRunState(state)) {
    throw new Gpt2Error('invalid-file', `${name} has a count or a loss in its state that no run can have`);
  }
  return state;
}

function isRunState(state: object): state is RunState {
  const { step, tokens, fruitless, position, training, validation, pending } = state as Partial<RunState>;
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  const isCurve = (points: readonly LossPoint[] | undefined) =>
    Array.isArray(points) && points.every((point) => isCount(point?.step) && Number.isFinite(point.loss));
  const counts = [step, tokens, fruitless, position?.epoch, position?.row];
  return (
    counts.every(isCount) && isCurve(training) && isCurve(validation) && isCurve(pending ? [pending] : [])
  );
}
