import { checkWholeConfig } from '../../architecture/gpt2/check_whole_config.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { numberCount } from '../../architecture/gpt2/parameters.js';
import { checkNumber, whole } from '../../base/check_number.js';
import { stagingBytes } from '../packing/packer.js';
import { MOST_THREADS } from '../threads/plan.js';
import { f32Bytes, muonWeights, parameterBytes, quantizedBytes, trainingParameters } from './parameters.js';
import {
  activationBytes,
  crossBytes,
  encoderBytes,
  mapperBytes,
  optimizerBytes,
  scratchBytes,
  sumOf,
  workBytes,
} from './regions.js';
import { checkShape, stateRows, type TrainingShape } from './shape.js';

/** Bytes of memory that training takes, by use. */
export interface TrainingMemoryEstimate {
  /** Weights in f32, and in the format of `quantize`. */
  readonly weights: number;
  /** Gradients of the trained weights. */
  readonly gradients: number;
  /** Both moments of AdamW; the first alone of weights that Muon updates. */
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
  const parameters = trainingParameters(config, shape);
  const trained = parameterBytes(parameters.trained);
  const weights = f32Bytes(config, shape) + quantizedBytes(config, shape);
  const vision = shape.encoder && encoderBytes(shape.encoder, shape);
  const cross = stateRows(shape) === 0 ? 0 : sumOf(crossBytes(config, shape));
  const mapper = shape.prefix === undefined ? 0 : mapperBytes(shape.prefix, shape);
  const activations =
    sumOf(activationBytes(config, shape)) +
    cross +
    mapper +
    (vision ? sumOf(vision.activations) + vision.patches : 0);
  const moments = 2 * trained - parameterBytes(muonWeights(config, shape));
  const work =
    sumOf(workBytes(config, shape)) +
    sumOf(optimizerBytes(config, shape)) +
    (vision ? sumOf(vision.work) : 0) +
    threads * scratchBytes(config, shape);
  // Weights are read and written through the memory of activations and scratch.
  const scratch = Math.max(work, stagingBytes([...parameters.frozen, ...parameters.trained]) - activations);
  return {
    weights,
    gradients: trained,
    moments,
    activations,
    scratch,
    total: weights + trained + moments + activations + scratch,
    parameters: numberCount(parameters.trained),
  };
}
