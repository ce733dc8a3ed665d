import { BLOCK, BUCKETS, PAGE, PANEL, padded, pagePartBytes } from '../../assembly/abi.js';
import { checkModelConfig } from '../architecture/gpt2/check_config.js';
import type { ModelConfig } from '../architecture/gpt2/config.js';
import { modelParameters, type Parameter, parameterCount } from '../architecture/gpt2/parameters.js';
import { checkKvFormat, chooseKvFormat, KV_CODES, type KvFormat } from '../dtypes/kv_formats.js';
import { checkWeights, FORMATS, type WeightFormat } from '../dtypes/weight_formats.js';

/**
 * Rows that one call into the core evaluates at most: a multiple of both tile heights, large enough that
 * their arithmetic hides the reading of the weights, small enough that a caller can interrupt.
 */
export const BATCH_ROWS = 132;

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

/** Bytes of a page: keys and values of PAGE positions of one sequence, in all layers. */
export function pageBytes({ channels, heads, layers }: ModelConfig, kv: KvFormat): number {
  return layers * heads * pagePartBytes(KV_CODES[kv], channels / heads);
}

/** Bytes of memory that a loaded model takes, by use. */
export interface MemoryEstimate {
  /** The packed weights. */
  readonly weights: number;
  /** Keys and values of one sequence at full context. */
  readonly cache: number;
  /** Activations of one batch and the logits. */
  readonly scratch: number;
  /** All of the above: what one sequence needs. Each further one adds up to `cache`. */
  readonly total: number;
  /** Trainable numbers in the checkpoint, a tied head counted once. */
  readonly parameters: number;
}

/**
 * Memory of a model with its matrices, keys and values in these formats, known from the config alone. Throws
 * `invalid-option`.
 */
export function estimateMemory(
  config: ModelConfig,
  format: WeightFormat = 'f32',
  kvCache: 'auto' | KvFormat = 'auto',
): MemoryEstimate {
  checkModelConfig(config);
  checkWeights(format);
  checkKvFormat(kvCache);
  let weights = 0;
  for (const parameter of modelParameters(config)) weights += packedBytes(parameter, format);
  const pages = Math.ceil(config.contextLength / PAGE);
  const cache = pages * pageBytes(config, chooseKvFormat(kvCache, format));
  const scratch = 4 * Object.values(scratchLengths(config, format)).reduce((sum, length) => sum + length, 0);
  return { weights, cache, scratch, total: weights + cache + scratch, parameters: parameterCount(config) };
}

/** 4-byte numbers in each scratch region; the names are fields of MODEL. */
export function scratchLengths(config: ModelConfig, weights: WeightFormat) {
  const { channels, innerChannels, vocabSize } = config;
  const inputBlocks = Math.ceil(Math.max(channels, innerChannels) / BLOCK);
  return {
    x: BATCH_ROWS * padded(channels),
    normed: BATCH_ROWS * padded(channels),
    // Also the queries of cross-attention, and copies of the rows that have none.
    qkv: BATCH_ROWS * Math.max(padded(3 * channels), 2 * padded(channels)),
    hidden: BATCH_ROWS * padded(innerChannels),
    quantized: (BATCH_ROWS * inputBlocks * FORMATS[weights].activationBlockBytes) / 4,
    logits: LOGITS_ROWS * padded(vocabSize),
    probabilities: padded(vocabSize),
    ids: padded(vocabSize),
    bucketSums: 2 * BUCKETS,
    bucketCounts: BUCKETS,
  };
}
