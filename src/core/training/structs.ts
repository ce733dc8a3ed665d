import { DROPOUTS } from '../../../assembly/training/abi.js';
import { checkNumber } from '../../base/check_number.js';
import { checkOptionNames } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { power } from '../../base/exact_math.js';
import { type StructLayout, structBytes, writeStruct } from '../abi/struct.js';

/**
 * A microbatch: sizes, addresses of weights and buffers, and distances in bytes from weights to their
 * gradients.
 */
export const TRAINING = {
  model: 'u32',
  causal: 'u32',
  cross: 'u32',
  prefix: 'u32',
  firstSite: 'u32',
  batch: 'u32',
  length: 'u32',
  tokens: 'u32',
  targets: 'u32',
  starts: 'u32',
  scale: 'f32',
  factors: 'u32',
  loss: 'u32',
  teacher: 'u32',
  hardShare: 'f32',
  firstRow: 'u32',
  endRow: 'u32',
  withGradients: 'u32',
  recompute: 'u32',
  dropouts: 'u32',
  weights: 'u32',
  matrixBytes: 'u32',
  weightBytes: 'u32',
  toGradient: 'u32',
  toFirstMoment: 'u32',
  toSecondMoment: 'u32',
  adapters: 'u32',
  adapterScale: 'f32',
  dxa: 'u32',
  residuals: 'u32',
  qkv: 'u32',
  attentionOutput: 'u32',
  residualAfterAttention: 'u32',
  hidden: 'u32',
  logSums: 'u32',
  normed: 'u32',
  dx: 'u32',
  dnormed: 'u32',
  dropped: 'u32',
  dhidden: 'u32',
  normStatistics: 'u32',
  transposed: 'u32',
  logits: 'u32',
  logitsStride: 'u32',
  tileRows: 'u32',
  losses: 'u32',
  result: 'u32',
  update: 'u32',
  muon: 'u32',
  partials: 'u32',
  packed: 'u32',
  scratch: 'u32',
  scratchBytes: 'u32',
} as const satisfies StructLayout;

/** A decoder's attention to encoder states. */
export const CROSS_TRAINING = {
  encoder: 'u32',
  vision: 'u32',
  given: 'u32',
  states: 'u32',
  memory: 'u32',
  dmemory: 'u32',
  queries: 'u32',
  keysAndValues: 'u32',
  output: 'u32',
  residual: 'u32',
  logSums: 'u32',
  dkeysAndValues: 'u32',
} as const satisfies StructLayout;

/** A mapper that makes the vectors before a decoder's tokens. */
export const PREFIX_TRAINING = {
  layers: 'u32',
  vectors: 'u32',
  features: 'u32',
  first: 'u32',
  second: 'u32',
  learned: 'u32',
  hidden: 'u32',
  activated: 'u32',
  out: 'u32',
} as const satisfies StructLayout;

/** Matrices in a quantized format. */
export const PACKED_WEIGHTS = {
  format: 'u32',
  largest: 'f32',
  weights: 'u32',
  weightBytes: 'u32',
  matrices: 'u32',
  count: 'u32',
  isStale: 'u32',
  isUnfit: 'u32',
} as const satisfies StructLayout;

/** A trained matrix and its copy in a quantized format. */
export const QUANTIZED_MATRIX = {
  weight: 'u32',
  copy: 'u32',
  K: 'u32',
  N: 'u32',
  isLinear: 'u32',
} as const satisfies StructLayout;

/** How one of the DROPOUTS kinds of tensors is dropped. */
export const DROPOUT = {
  seed: 'u32',
  pass: 'u32',
  threshold: 'u32',
  scale: 'f32',
} as const satisfies StructLayout;

/** The numbers of one step of the optimizer. */
export const UPDATE = {
  gradientScale: 'f32',
  beta1: 'f32',
  beta2: 'f32',
  oneMinusBeta1: 'f32',
  oneMinusBeta2: 'f32',
  learningRate: 'f32',
  stepSize: 'f32',
  inverseCorrection: 'f32',
  epsilon: 'f32',
  decayFactor: 'f32',
} as const satisfies StructLayout;

/** Bytes from a TRAINING to its first DROPOUT. */
export const DROPOUTS_OFFSET = structBytes(TRAINING);
const UPDATE_OFFSET = DROPOUTS_OFFSET + DROPOUTS * structBytes(DROPOUT);

/** Bytes of a TRAINING, its DROPOUTs and its UPDATE, in this order. */
export const STRUCT_BYTES = UPDATE_OFFSET + structBytes(UPDATE);

/** Fields of a TRAINING that say how the next call of headPass works. */
export interface HeadFields {
  readonly loss: number;
  readonly hardShare: number;
  readonly firstRow: number;
  readonly endRow: number;
  readonly withGradients: number;
}

export type TrainingFields = Record<
  Exclude<
    keyof typeof TRAINING,
    'batch' | 'length' | 'starts' | 'scale' | keyof HeadFields | 'dropouts' | 'update'
  >,
  number
>;

/** Writes a TRAINING at `at`, except the fields that `writeMicrobatch` and `writeHead` write. */
export function writeTraining(view: DataView, at: number, fields: TrainingFields): void {
  writeStruct(view, at, TRAINING, {
    ...fields,
    starts: 0,
    dropouts: at + DROPOUTS_OFFSET,
    update: at + UPDATE_OFFSET,
  });
}

/** Writes how many sequences of states a microbatch has into the TRAINING of an encoder or a mapper at `at`. */
export function writeSequences(view: DataView, at: number, batch: number, states: number): void {
  writeStruct(view, at, TRAINING, { batch, length: states });
}

/** Writes whether a microbatch gives states into the CROSS_TRAINING at `at`. */
export function writeGiven(view: DataView, at: number, given: boolean): void {
  writeStruct(view, at, CROSS_TRAINING, { given: given ? 1 : 0 });
}

/** The numbers of a microbatch. */
export interface MicrobatchNumbers {
  readonly batch: number;
  readonly length: number;
  /** Address of the beginnings of documents, or 0. */
  readonly starts: number;
  /** Factor of the gradients. */
  readonly scale: number;
  /** Key of the dropout masks: 32 bits each. */
  readonly seed: number;
  readonly microbatch: number;
  /** Dropout rates: after the embedding, of attention's weights, before each residual sum. */
  readonly rates: readonly [number, number, number];
}

/** Writes the numbers of a microbatch into the TRAINING at `at` and its DROPOUTs. */
export function writeMicrobatch(view: DataView, at: number, numbers: MicrobatchNumbers): void {
  const { batch, length, starts, scale } = numbers;
  writeStruct(view, at, TRAINING, { batch, length, starts, scale });
  writeDropouts(view, at, numbers);
}

/** Writes how the next call of headPass works into the TRAINING at `at`. */
export function writeHead(view: DataView, at: number, fields: HeadFields): void {
  writeStruct(view, at, TRAINING, fields);
}

/** Writes the DROPOUTs of the TRAINING at `at`. */
export function writeDropouts(view: DataView, at: number, numbers: MicrobatchNumbers): void {
  const { seed, microbatch, rates } = numbers;
  rates.forEach((rate, i) => {
    writeStruct(view, at + DROPOUTS_OFFSET + i * structBytes(DROPOUT), DROPOUT, {
      seed,
      pass: microbatch,
      threshold: Math.min(Math.round(rate * 2 ** 32), 2 ** 32 - 1),
      scale: 1 / (1 - rate),
    });
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

/** The fields of a step's UPDATE. Throws `invalid-option` for numbers that 32 bits do not hold. */
export function updateFields(numbers: AdamWNumbers): Record<keyof typeof UPDATE, number> {
  checkOptionNames('update', numbers, ADAMW_NAMES);
  for (const name of ADAMW_NAMES) checkNumber(name, numbers[name], [() => true, 'a number']);
  const { learningRate, step, beta1, beta2, epsilon, weightDecay, gradientScale } = numbers;
  const fields = {
    gradientScale,
    beta1,
    beta2,
    oneMinusBeta1: 1 - beta1,
    oneMinusBeta2: 1 - beta2,
    learningRate,
    stepSize: learningRate / (1 - power(beta1, step)),
    inverseCorrection: 1 / Math.sqrt(1 - power(beta2, step)),
    epsilon,
    decayFactor: 1 - learningRate * weightDecay,
  };
  const areHeld = Object.values(fields).every((value) => Number.isFinite(Math.fround(value)));
  if (areHeld && Number.isSafeInteger(step) && step >= 1) return fields;
  const given = Object.entries(numbers).map(([name, value]) => `${name} ${value}`);
  throw new Gpt2Error('invalid-option', `a step of AdamW is not possible with ${given.join(', ')}`);
}

/**
 * Writes the UPDATE of the TRAINING at `at`. Throws `invalid-option` for numbers that 32 bits do not hold.
 */
export function writeUpdate(view: DataView, at: number, numbers: AdamWNumbers): void {
  writeStruct(view, at + UPDATE_OFFSET, UPDATE, updateFields(numbers));
}
