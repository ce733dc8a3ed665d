import { checkWholeConfig } from '../../architecture/gpt2/check_whole_config.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import {
  checkTargets,
  type LoraShape,
  loraParameters,
  targetParameters,
} from '../../architecture/gpt2/lora.js';
import { modelParameters, numberCount, type Parameter } from '../../architecture/gpt2/parameters.js';
import { checkNumber, positive, whole } from '../../base/check_number.js';
import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { packedBytes, padded } from '../layout.js';
import { stagingBytes } from '../packing/packer.js';
import { MOST_THREADS } from '../threads/plan.js';

/** The largest batch that memory is planned for, and how it is used. */
export interface TrainingShape {
  /** B: sequences in one pass. */
  readonly batch: number;
  /** T: positions of each. */
  readonly length: number;
  /**
   * Keep only the residual stream between layers and compute the rest of a layer again in the backward pass:
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

/** Numbers of assembly/backward/matmul.ts: the longest stretch of a sum, and a row of a transposed stretch. */
const DEPTH = 768;
const TRANSPOSED_LENGTH = DEPTH + 16;
const PANELS_BYTES = 4 * DEPTH * 64;

/** Numbers whose squares are summed in one go; assembly/backward/adamw.ts has the same. */
const CHUNK = 65_536;

/** Logits of a tile of rows take at most this: then a pass over the head's gradient is small beside the arithmetic. */
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

/** Bytes of weights; of the trained ones also those of the gradients and of each moment. */
export function parameterBytes(parameters: readonly Parameter[]): number {
  return parameters.reduce((sum, parameter) => sum + packedBytes(parameter, 'f32'), 0);
}

/** Rows of logits that are there at once, and bytes from one to the next; whole pages would crowd a few cache sets. */
export function logitsTile(config: ModelConfig, rows: number): { rows: number; stride: number } {
  const stride = 4 * (padded(config.vocabSize) + 16);
  const most = Math.max(12, Math.floor(LOGITS_BYTES / stride));
  const tiles = Math.ceil(rows / most);
  return { rows: Math.ceil(rows / tiles), stride };
}

/** Bytes of each region that is kept until the backward pass; the names are those of assembly/backward/training.ts. */
export function keptBytes(config: ModelConfig, { batch, length, recompute = false }: TrainingShape) {
  const { channels, innerChannels, heads, layers } = config;
  const rows = 4 * batch * length;
  const kept = recompute ? 1 : layers;
  return {
    residuals: rows * padded(channels) * (layers + 1),
    qkv: rows * padded(3 * channels) * kept,
    attended: rows * padded(channels) * kept,
    middle: rows * padded(channels) * kept,
    hidden: rows * padded(innerChannels) * kept,
    logSums: 4 * batch * heads * padded(length) * kept,
  };
}

/** Bytes of each region that lives within a layer or the head, and of one thread's scratch. */
export function passBytes(config: ModelConfig, { batch, length, lora }: TrainingShape) {
  const { channels, innerChannels } = config;
  const rows = batch * length;
  const tile = logitsTile(config, rows);
  const numbers = parameterBytes(trainingParameters(config, lora).trained) / 4;
  const low = lora === undefined ? 0 : 4 * rows * padded(lora.rank);
  return {
    tokens: 4 * rows,
    targets: 4 * rows,
    normed: 4 * rows * padded(channels),
    dx: 4 * rows * padded(channels),
    dnormed: 4 * rows * padded(channels),
    dropped: 4 * rows * padded(channels),
    wide: 4 * rows * padded(Math.max(innerChannels, 3 * channels)),
    moments: 8 * rows,
    transposed: 4 * TRANSPOSED_LENGTH * padded(Math.max(channels, innerChannels)),
    logits: tile.rows * tile.stride,
    losses: 8 * rows,
    result: 8,
    partials: 8 * Math.ceil(numbers / CHUNK),
    low,
    dlow: low,
  };
}

/** Bytes of scratch of one thread; assembly/train.ts computes the same. */
export function threadScratchBytes(config: ModelConfig, length: number): number {
  const headSize = config.channels / config.heads;
  const T = padded(length);
  const D = padded(headSize);
  const forward = 4 * (T * headSize + T * D + 24 * (T + D));
  const backward = 4 * (T * (2 * headSize + 4 * D) + 48 * (3 * T + D) + T);
  return Math.ceil(Math.max(PANELS_BYTES, forward, backward) / 64) * 64;
}

const sumOf = (bytes: Record<string, number>) =>
  Object.values(bytes).reduce((sum, length) => sum + length, 0);

/** Throws `invalid-option` for a batch that cannot be planned for the model. */
function checkShape(shape: TrainingShape, { contextLength }: ModelConfig): void {
  checkOptionNames('TrainingShape', shape, ['batch', 'length', 'recompute', 'lora']);
  const { batch, length, recompute, lora } = shape;
  checkNumber('batch', batch, whole(1));
  checkNumber('length', length, [
    whole(1, contextLength)[0],
    `a whole number from 1 to the model's context, ${contextLength}`,
  ]);
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
  const activations = sumOf(keptBytes(config, shape));
  const pass = sumOf(passBytes(config, shape)) + threads * threadScratchBytes(config, shape.length);
  // Weights are read and written through the place of activations and scratch.
  const scratch = Math.max(pass, stagingBytes([...parameters.frozen, ...parameters.trained]) - activations);
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
