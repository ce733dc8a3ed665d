import { padded } from '../../../assembly/abi.js';
import {
  NORM_STATISTICS_BYTES,
  SQUARES_CHUNK,
  TRANSPOSED_LENGTH,
  trainingScratchBytes,
} from '../../../assembly/training/abi.js';
import { checkWholeConfig } from '../../architecture/gpt2/check_whole_config.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import {
  checkTargets,
  type LoraShape,
  loraParameters,
  targetParameters,
} from '../../architecture/gpt2/lora.js';
import { modelParameters, numberCount, type Parameter } from '../../architecture/gpt2/parameters.js';
import { checkNumber, type NumberRule, positive, whole } from '../../base/check_number.js';
import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { packedBytes } from '../layout.js';
import { stagingBytes } from '../packing/packer.js';
import { MOST_THREADS } from '../threads/plan.js';

/** The largest batch that memory is planned for, and how it is used. */
export interface TrainingShape {
  /** B: sequences of a microbatch. */
  readonly batch: number;
  /** T: positions of each. */
  readonly length: number;
  /**
   * Keep only the residual stream between layers and recompute the rest of a layer in the backward pass:
   * about a quarter more arithmetic, 2 C numbers a token and layer instead of about 10 C.
   */
  readonly recompute?: boolean;
  /** Train an adapter of this shape and leave the model's own weights as they are. */
  readonly lora?: LoraShape | undefined;
}

/** Bytes of memory that training takes, by use. */
export interface TrainingMemoryEstimate {
  /** Weights in f32. */
  readonly weights: number;
  /** Gradients of the trained weights. */
  readonly gradients: number;
  /** Both moments of AdamW. */
  readonly moments: number;
  /** Values kept between the forward and the backward pass. */
  readonly activations: number;
  /** Values needed within one layer or the head. */
  readonly scratch: number;
  /** All of these together. */
  readonly total: number;
  /** Numbers that are trained, a tied head counted once. */
  readonly parameters: number;
}

/**
 * Limit of the logits in memory: with tiles of so many rows, reading the head's gradient for each costs
 * little.
 */
const LOGITS_BYTES = 64 * 2 ** 20;

/** The weights that are trained, and those that stay as they are. */
export function trainingParameters(
  config: ModelConfig,
  lora?: LoraShape,
): { trained: Parameter[]; frozen: Parameter[] } {
  const parameters = modelParameters(config);
  if (lora === undefined) return { trained: parameters, frozen: [] };
  const pairs = targetParameters(config, lora.targets).map((parameter) =>
    loraParameters(parameter, lora.rank),
  );
  return { trained: pairs.flatMap(({ a, b }) => [a, b]), frozen: parameters };
}

/** Bytes of weights; their gradients, and each of AdamW's moments, take as many. */
export function parameterBytes(parameters: readonly Parameter[]): number {
  return parameters.reduce((sum, parameter) => sum + packedBytes(parameter, 'f32'), 0);
}

/**
 * Rows of logits that are in memory at once, and bytes from one to the next: not a multiple of 4096, so that
 * rows do not share the same sets of the cache.
 */
export function logitsTile(config: ModelConfig, rows: number): { rows: number; stride: number } {
  const stride = 4 * (padded(config.vocabSize) + 16);
  const most = Math.max(12, Math.floor(LOGITS_BYTES / stride));
  const tiles = Math.ceil(rows / most);
  return { rows: Math.ceil(rows / tiles), stride };
}

/**
 * Bytes of each region that is kept from the forward to the backward pass; the names are fields of TRAINING.
 */
export function activationBytes(config: ModelConfig, { batch, length, recompute = false }: TrainingShape) {
  const { channels, innerChannels, heads, layers } = config;
  const rows = 4 * batch * length;
  const kept = recompute ? 1 : layers;
  return {
    residuals: rows * padded(channels) * (layers + 1),
    qkv: rows * padded(3 * channels) * kept,
    attentionOutput: rows * padded(channels) * kept,
    residualAfterAttention: rows * padded(channels) * kept,
    hidden: rows * padded(innerChannels) * kept,
    logSums: 4 * batch * heads * padded(length) * kept,
  };
}

/**
 * Bytes of each region whose content is needed within one layer or the head only; the names are fields of
 * TRAINING.
 */
export function workBytes(config: ModelConfig, { batch, length, lora }: TrainingShape) {
  const { channels, innerChannels } = config;
  const rows = batch * length;
  const tile = logitsTile(config, rows);
  const numbers = parameterBytes(trainingParameters(config, lora).trained) / 4;
  const xa = lora === undefined ? 0 : 4 * rows * padded(lora.rank);
  return {
    tokens: 4 * rows,
    targets: 4 * rows,
    normed: 4 * rows * padded(channels),
    dx: 4 * rows * padded(channels),
    dnormed: 4 * rows * padded(channels),
    dropped: 4 * rows * padded(channels),
    dhidden: 4 * rows * padded(Math.max(innerChannels, 3 * channels)),
    normStatistics: NORM_STATISTICS_BYTES * rows,
    transposed: 4 * TRANSPOSED_LENGTH * padded(Math.max(channels, innerChannels)),
    logits: tile.rows * tile.stride,
    losses: 8 * rows,
    result: 8,
    partials: 8 * Math.ceil(numbers / SQUARES_CHUNK),
    xa,
    dxa: xa,
  };
}

const sumOf = (bytes: Record<string, number>) =>
  Object.values(bytes).reduce((sum, length) => sum + length, 0);

/** Rule for the tokens of a row: 1 to the model's context. */
export const inContext = (contextLength: number): NumberRule => [
  whole(1, contextLength)[0],
  `a whole number from 1 to the model's context, ${contextLength}`,
];

/** Throws `invalid-option` for a shape that the model cannot be trained with. */
function checkShape(shape: TrainingShape, { contextLength }: ModelConfig): void {
  checkOptionNames('TrainingShape', shape, ['batch', 'length', 'recompute', 'lora']);
  const { batch, length, recompute, lora } = shape;
  checkNumber('batch', batch, whole(1));
  checkNumber('length', length, inContext(contextLength));
  if (recompute !== undefined && typeof recompute !== 'boolean') {
    throw invalidOption('recompute', recompute, 'true or false');
  }
  if (lora === undefined) return;
  checkOptionNames('lora', lora, ['rank', 'alpha', 'targets']);
  checkNumber('rank', lora.rank, whole(1));
  checkNumber('alpha', lora.alpha, positive);
  checkTargets(lora.targets);
}

/**
 * Memory for training a model of this shape, known from the config alone. Throws `invalid-option` for a
 * config and a shape that cannot be.
 */
export function estimateTrainingMemory(
  config: ModelConfig,
  shape: TrainingShape,
  threads = 1,
): TrainingMemoryEstimate {
  checkWholeConfig(config);
  checkShape(shape, config);
  checkNumber('threads', threads, whole(1, MOST_THREADS));
  const parameters = trainingParameters(config, shape.lora);
  const trained = parameterBytes(parameters.trained);
  const weights = trained + parameterBytes(parameters.frozen);
  const activations = sumOf(activationBytes(config, shape));
  const work =
    sumOf(workBytes(config, shape)) +
    threads * trainingScratchBytes(shape.length, shape.length, config.channels / config.heads);
  // Weights are read and written through the memory of activations and scratch.
  const scratch = Math.max(work, stagingBytes([...parameters.frozen, ...parameters.trained]) - activations);
  return {
    weights,
    gradients: trained,
    moments: 2 * trained,
    activations,
    scratch,
    total: weights + 3 * trained + activations + scratch,
    parameters: numberCount(parameters.trained),
  };
}
