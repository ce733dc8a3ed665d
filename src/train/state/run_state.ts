import { Gpt2Error } from '../../base/errors.js';
import type { DataPosition } from '../data/batches.js';
import type { LossPoint } from '../plot/loss_curve.js';
import { RUN_DEFAULTS } from '../run_options.js';
import type { ResolvedOptions } from '../trainer_options.js';
import type { TrainingStep } from '../training_step.js';

/** The part of a training state that is not in the core; together they determine all later steps. */
export interface RunState {
  /** Steps that are done. */
  step: number;
  /** Tokens of all steps so far. */
  tokens: number;
  /** Place in the data where the next step begins. */
  position: DataPosition;
  readonly training: LossPoint[];
  readonly validation: LossPoint[];
  /** Evaluations since the one with the lowest validation loss. */
  evaluationsWithoutImprovement: number;
  /** The latest step, as long as its validation loss is still to be computed. */
  pending?: TrainingStep;
  /**
   * Of a run on preferences: log-probabilities of its answers under the model that it started from.
   */
  reference?: readonly number[];
}

/** The state of a run before its first step. */
export function initialState(position: DataPosition): RunState {
  return { step: 0, tokens: 0, training: [], validation: [], evaluationsWithoutImprovement: 0, position };
}

/**
 * Adds a validation loss to a state. Returns whether it is the lowest so far; those of f32 weights, before step
 * `quantizeFrom`, say nothing about those of quantized ones.
 */
export function addValidation(state: RunState, step: number, loss: number, quantizeFrom = 0): boolean {
  const compared = state.validation.filter((point) => point.step >= quantizeFrom);
  state.validation.push({ step, loss });
  if (step < quantizeFrom) return false;
  const isLowest = compared.every((point) => loss < point.loss);
  state.evaluationsWithoutImprovement = isLowest ? 0 : state.evaluationsWithoutImprovement + 1;
  return isLowest;
}

/** The options, model and data that a run must not change when it is resumed. */
export type RunIdentity = Readonly<Record<string, unknown>>;

/** The options that are part of a run's identity. */
export function identityOptions(options: ResolvedOptions): RunIdentity {
  const { batchSize, accumulation, layout, documentBorders, validation, seed, dropout, lora } = options;
  const { optimizer, quantize, quantizeFrom, deduplicate, curriculum } = options;
  return {
    ...{ batchSize, accumulation, layout, documentBorders, validation, seed, dropout, lora },
    ...{ optimizer, quantize, quantizeFrom, deduplicate, curriculum },
  };
}

/** Options that states of earlier versions do not name. */
const EARLIER: RunIdentity = { documentBorders: false, optimizer: RUN_DEFAULTS.optimizer };

/**
 * The object that is stored for a state: `fruitless` is the stored name of `evaluationsWithoutImprovement`.
 */
export function storedState(state: RunState, identity: RunIdentity): object {
  const { evaluationsWithoutImprovement: fruitless, ...rest } = state;
  return { ...rest, fruitless, identity };
}

/**
 * The state in what `storedState` gave; `name` says in messages where it was read. Throws `invalid-option` if
 * the run had other data, another model or other options, and `invalid-file` for numbers that no run has.
 */
export function restoredState(
  stored: Readonly<Record<string, unknown>>,
  identity: RunIdentity,
  name: string,
): RunState {
  const { identity: own, fruitless, ...rest } = stored;
  const saved = { ...EARLIER, ...(own as RunIdentity | undefined) };
  for (const [key, value] of Object.entries(identity)) {
    const before = JSON.stringify(saved[key]);
    if (before === JSON.stringify(value)) continue;
    const isLong = ['data', 'config', 'base', 'teachers'].includes(key);
    const difference = before === undefined ? `no ${key}` : isLong ? `other ${key}` : `${key} ${before}`;
    throw new Gpt2Error(
      'invalid-option',
      `${name} was saved by a run with ${difference}; resume it with the same`,
    );
  }
  const state = { ...rest, evaluationsWithoutImprovement: fruitless };
  if (!isRunState(state)) {
    throw new Gpt2Error('invalid-file', `${name} has a count or a loss in its state that no run can have`);
  }
  return state;
}

function isRunState(state: object): state is RunState {
  const { step, tokens, position, training, validation, pending, evaluationsWithoutImprovement } =
    state as Partial<RunState>;
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  const isCurve = (points: readonly LossPoint[] | undefined) =>
    Array.isArray(points) && points.every((point) => isCount(point?.step) && Number.isFinite(point.loss));
  const counts = [step, tokens, evaluationsWithoutImprovement, position?.epoch, position?.row];
  return (
    counts.every(isCount) && isCurve(training) && isCurve(validation) && isCurve(pending ? [pending] : [])
  );
}
