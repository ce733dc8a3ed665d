import { BLOCK, BUCKETS, PANEL, padded } from '../../assembly/abi.js';
import { checkModelConfig } from '../architecture/gpt2/check_config.js';
import type { ModelConfig } from '../architecture/gpt2/config.js';
import { modelParameters, type Parameter, parameterCount } from '../architecture/gpt2/parameters.js';
import { checkWeights, FORMATS, type WeightFormat } from '../dtypes/weight_formats.js';

/**
 * Positions that one call into the core evaluates at most: a multiple of both tile heights, large enough
 * that a block's arithmetic hides the reading of the weights, small enough that a caller can interrupt.
 */
export const BLOCK_SIZE = 132;

/** Rows of logits that are computed together when more than one is wanted. */
export const LOGITS_ROWS = 12;

/** Bytes that a parameter takes in core memory. */
export function packedBytes({ kind, shape }: Parameter, weights: WeightFormat): number {
  const [first, second = 0] = shape as [number, number?];
  switch (kind) {
    case 'vector':
      return 4 * padded(first);
    case 'rows':
      return 4 * first * padded(second);
    case 'conv1d':
      return panelBytes(first, second, weights);
    case 'linear':
      return panelBytes(second, first, weights);
  }
}

/** Bytes of a matrix [K, N] in panels. */
function panelBytes(K: number, N: number, weights: WeightFormat): number {
  const { blockLength, panelBlockBytes } = FORMATS[weights];
  return (padded(N) / PANEL) * Math.ceil(K / blockLength) * panelBlockBytes;
}

/** Positions a KV cache has room for: whole panels. */
export function cacheCapacity(config: ModelConfig): number {
  return padded(config.contextLength);
}

/** Bytes of one sequence's keys and values. */
export function cacheBytes(config: ModelConfig): number {
  const headSize = config.channels / config.heads;
  const channelsPerLayer = config.channels + config.heads * padded(headSize);
  return 4 * config.layers * cacheCapacity(config) * channelsPerLayer;
}

/** Bytes of memory that a loaded model takes, by use. */
export interface MemoryEstimate {
  /** The packed weights. */
  readonly weights: number;
  /** Keys and values of one sequence at full context. */
  readonly cache: number;
  /** Activations of one block and the logits. */
  readonly scratch: number;
  /** All of the above: what one session needs. Each further session adds `cache`. */
  readonly total: number;
  /** Trainable numbers in the checkpoint, a tied head counted once. */
  readonly parameters: number;
}

/** Memory of a model with its matrices in this format, known from the config alone. */
export function estimateMemory(config: ModelConfig, format: WeightFormat = 'f32'): MemoryEstimate {
  checkModelConfig(config);
  checkWeights(format);
  let weights = 0;
  for (const parameter of modelParameters(config)) weights += packedBytes(parameter, format);
  const cache = cacheBytes(config);
  const scratch = 4 * Object.values(scratchLengths(config, format)).reduce((sum, length) => sum + length, 0);
  return { weights, cache, scratch, total: weights + cache + scratch, parameters: parameterCount(config) };
}

/** 4-byte numbers in each scratch region; the names are fields of MODEL. */
export function scratchLengths(config: ModelConfig, weights: WeightFormat) {
  const { channels, innerChannels, vocabSize } = config;
  const inputBlocks = Math.ceil(Math.max(channels, innerChannels) / BLOCK);
  return {
    x: BLOCK_SIZE * padded(channels),
    normed: BLOCK_SIZE * padded(channels),
    qkv: BLOCK_SIZE * padded(3 * channels),
    hidden: BLOCK_SIZE * padded(innerChannels),
    quantized: (BLOCK_SIZE * inputBlocks * FORMATS[weights].activationBlockBytes) / 4,
    tokens: BLOCK_SIZE,
    logits: LOGITS_ROWS * padded(vocabSize),
    probabilities: padded(vocabSize),
    ids: padded(vocabSize),
    bucketSums: 2 * BUCKETS,
    bucketCounts: BUCKETS,
  };
}
