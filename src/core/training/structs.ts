import { checkNumber, finite } from '../../base/check_number.js';
import { checkOptionNames } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';

/** 4-byte fields of assembly/backward/training.ts's Training, in order; `toX` are distances in bytes. */
const TRAINING_FIELDS = [
  ...['model', 'batch', 'length', 'tokens', 'targets', 'scale', 'recompute', 'dropouts'],
  ...['weights', 'matrixBytes', 'weightBytes', 'toGradient', 'toFirstMoment', 'toSecondMoment'],
  ...['adapterScale', 'dlow'],
  ...['residuals', 'qkv', 'attended', 'middle', 'hidden', 'logSums'],
  ...['normed', 'dx', 'dnormed', 'dropped', 'wide', 'moments', 'transposed'],
  ...[
    'logits',
    'logitsStride',
    'tileRows',
    'losses',
    'result',
    'update',
    'partials',
    'scratch',
    'scratchBytes',
  ],
] as const;

const UPDATE_FIELDS = [
  ...['gradientScale', 'beta1', 'beta2', 'rest1', 'rest2'],
  ...['stepSize', 'inverseCorrection', 'epsilon', 'keep'],
] as const;

export type TrainingFields = Record<Exclude<(typeof TRAINING_FIELDS)[number], 'scale'>, number>;

/** Bytes of the structures together: Training, three Dropout, Update. */
export const STRUCT_BYTES = 4 * (TRAINING_FIELDS.length + 3 * 4 + UPDATE_FIELDS.length);

/** Where the structures begin that follow Training. */
export const DROPOUTS_OFFSET = 4 * TRAINING_FIELDS.length;
export const UPDATE_OFFSET = DROPOUTS_OFFSET + 3 * 16;

/** Fills in a Training at `at`, all but its scale. */
export function writeTraining(view: DataView, at: number, fields: TrainingFields): void {
  TRAINING_FIELDS.forEach((name, i) => {
    if (name === 'adapterScale') view.setFloat32(at + 4 * i, fields[name], true);
    else if (name !== 'scale') view.setUint32(at + 4 * i, fields[name], true);
  });
}

/** What changes from pass to pass. */
export interface PassNumbers {
  readonly batch: number;
  readonly length: number;
  /** What gradients are multiplied by. */
  readonly scale: number;
  /** Key of the dropout masks: 32 bits each. */
  readonly seed: number;
  readonly pass: number;
  /** Shares dropped: after the embedding, of attention's weights, before each residual sum. */
  readonly rates: readonly [number, number, number];
}

/**
 * Fills in what changes from pass to pass in the Training at `at` and the Dropouts behind it. Throws `invalid-option` for
 * a scale that 32 bits do not hold.
 */
export function writePass(view: DataView, at: number, numbers: PassNumbers): void {
  checkNumber('scale', numbers.scale, finite);
  const offsetOf = (name: (typeof TRAINING_FIELDS)[number]) => at + 4 * TRAINING_FIELDS.indexOf(name);
  view.setUint32(offsetOf('batch'), numbers.batch, true);
  view.setUint32(offsetOf('length'), numbers.length, true);
  view.setFloat32(offsetOf('scale'), numbers.scale, true);
  numbers.rates.forEach((rate, i) => {
    const dropout = at + DROPOUTS_OFFSET + 16 * i;
    view.setUint32(dropout, numbers.seed, true);
    view.setUint32(dropout + 4, numbers.pass, true);
    view.setUint32(dropout + 8, Math.min(Math.round(rate * 2 ** 32), 2 ** 32 - 1), true);
    view.setFloat32(dropout + 12, 1 / (1 - rate), true);
  });
}

/** One step of AdamW. */
export interface AdamWNumbers {
  /** Learning rate of this step. */
  readonly learningRate: number;
  /** Which step this is, from 1: moments begin at 0, and their bias is corrected for it. */
  readonly step: number;
  /** Decay of the first moment. */
  readonly beta1: number;
  /** Decay of the second moment. */
  readonly beta2: number;
  /** Added to the root of the second moment. */
  readonly epsilon: number;
  /** Decoupled weight decay of matrices and embeddings; biases and norms are not decayed. */
  readonly weightDecay: number;
  /** Factor of all gradients before the update: clipping. */
  readonly gradientScale: number;
}

const ADAMW_NAMES = [
  ...['learningRate', 'step', 'beta1', 'beta2', 'epsilon', 'weightDecay', 'gradientScale'],
] as readonly (keyof AdamWNumbers)[];

/** What the core computes a step with. Throws `invalid-option` for what 32 bits do not hold. */
export function updateFields(numbers: AdamWNumbers): Record<(typeof UPDATE_FIELDS)[number], number> {
  checkOptionNames('update', numbers, ADAMW_NAMES);
  for (const name of ADAMW_NAMES) checkNumber(name, numbers[name], [() => true, 'a number']);
  const { learningRate, step, beta1, beta2, epsilon, weightDecay, gradientScale } = numbers;
  const fields = {
    gradientScale,
    beta1,
    beta2,
    rest1: 1 - beta1,
    rest2: 1 - beta2,
    stepSize: learningRate / (1 - beta1 ** step),
    inverseCorrection: 1 / Math.sqrt(1 - beta2 ** step),
    epsilon,
    keep: 1 - learningRate * weightDecay,
  };
  const areHeld = Object.values(fields).every((value) => Number.isFinite(Math.fround(value)));
  if (areHeld && Number.isSafeInteger(step) && step >= 1) return fields;
  const given = Object.entries(numbers).map(([name, value]) => `${name} ${value}`);
  throw new Gpt2Error('invalid-option', `a step of AdamW is not possible with ${given.join(', ')}`);
}

/** Fills in the Update behind the Training at `at`. Throws `invalid-option` for what 32 bits do not hold. */
export function writeUpdate(view: DataView, at: number, numbers: AdamWNumbers): void {
  const fields = updateFields(numbers);
  UPDATE_FIELDS.forEach((name, i) => {
    view.setFloat32(at + UPDATE_OFFSET + 4 * i, fields[name], true);
  });
}
