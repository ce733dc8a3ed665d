import { padded } from '../../../assembly/abi.js';
import {
  NORM_STATISTICS_BYTES,
  SQUARES_CHUNK,
  TRANSPOSED_LENGTH,
  trainingScratchBytes,
} from '../../../assembly/training/abi.js';
import { mapperEncoder } from '../../architecture/clipcap/as_encoder.js';
import type { MapperConfig } from '../../architecture/clipcap/config.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { headRows } from '../../architecture/gpt2/parameters.js';
import { type EncoderConfig, patchCount, patchLength, stateCount } from '../../architecture/vit/config.js';
import { muonBufferBytes } from './muon.js';
import { muonWeights, parameterBytes, trainingParameters } from './parameters.js';
import { stateRows, type TrainingShape } from './shape.js';

/** Sizes of the layers of a decoder or an encoder. */
interface Stack {
  readonly channels: number;
  readonly innerChannels: number;
  readonly heads: number;
  readonly layers: number;
  /** Rows of a sequence. */
  readonly length: number;
  /** Queries, keys and values of a row. */
  readonly qkv: number;
  /** The longest row that is multiplied with a matrix. */
  readonly longestInput: number;
}

function decoderStack(config: ModelConfig, { length, lora, prefix }: TrainingShape): Stack {
  const { channels, innerChannels } = config;
  const mapped = prefix && Math.max(prefix.features, prefix.innerChannels);
  const longestInput = Math.max(channels, innerChannels, lora?.rank ?? 0, mapped ?? 0);
  return { ...config, length, qkv: 3 * channels, longestInput };
}

function encoderStack(config: EncoderConfig, { lora }: TrainingShape): Stack {
  const { channels, innerChannels } = config;
  const longestInput = Math.max(channels, innerChannels, patchLength(config), lora?.rank ?? 0);
  return { ...config, length: stateCount(config), qkv: 3 * padded(channels), longestInput };
}

/**
 * Bytes of each region that is kept from the forward to the backward pass; the names are fields of TRAINING.
 */
function keptBytes(stack: Stack, { batch, recompute = false }: TrainingShape) {
  const { channels, innerChannels, heads, layers, length, qkv } = stack;
  const rows = 4 * batch * length;
  const kept = recompute ? 1 : layers;
  return {
    residuals: rows * padded(channels) * (layers + 1),
    qkv: rows * padded(qkv) * kept,
    attentionOutput: rows * padded(channels) * kept,
    residualAfterAttention: rows * padded(channels) * kept,
    hidden: rows * padded(innerChannels) * kept,
    logSums: 4 * batch * heads * padded(length) * kept,
  };
}

/** Bytes of each region whose content is needed within one layer only; the names are fields of TRAINING. */
function layerBytes(stack: Stack, rows: number) {
  const { channels, innerChannels, qkv, longestInput } = stack;
  return {
    normed: 4 * rows * padded(channels),
    dx: 4 * rows * padded(channels),
    dnormed: 4 * rows * padded(channels),
    dropped: 4 * rows * padded(channels),
    dhidden: 4 * rows * padded(Math.max(innerChannels, qkv)),
    normStatistics: NORM_STATISTICS_BYTES * rows,
    transposed: 4 * TRANSPOSED_LENGTH * padded(longestInput),
  };
}

/**
 * Limit of the logits in memory: with tiles of so many rows, reading the head's gradient for each costs
 * little.
 */
const LOGITS_BYTES = 64 * 2 ** 20;

/**
 * Rows of logits that are in memory at once, and bytes from one to the next: not a multiple of 4096, so that
 * rows do not share the same sets of the cache.
 */
export function logitsTile(config: ModelConfig, rows: number): { rows: number; stride: number } {
  const stride = 4 * (padded(headRows(config)) + 16);
  const most = Math.max(12, Math.floor(LOGITS_BYTES / stride));
  const tiles = Math.ceil(rows / most);
  return { rows: Math.ceil(rows / tiles), stride };
}

/** Regions of a decoder that are kept from the forward to the backward pass. */
export function activationBytes(config: ModelConfig, shape: TrainingShape) {
  return keptBytes(decoderStack(config, shape), shape);
}

/** Regions of a decoder, or its head, whose content is needed within one layer or the head only. */
export function workBytes(config: ModelConfig, shape: TrainingShape) {
  const rows = shape.batch * shape.length;
  const tile = logitsTile(config, rows);
  const numbers = parameterBytes(trainingParameters(config, shape).trained) / 4;
  const { lora } = shape;
  const xa = lora === undefined ? 0 : 4 * shape.batch * longest(shape) * padded(lora.rank);
  return {
    tokens: 4 * rows,
    targets: 4 * rows,
    starts: 4 * rows,
    ...layerBytes(decoderStack(config, shape), rows),
    logits: tile.rows * tile.stride,
    teacher: shape.distill ? tile.rows * tile.stride : 0,
    factors: 4 * rows,
    losses: 8 * rows,
    result: 8,
    partials: 8 * Math.ceil(numbers / SQUARES_CHUNK),
    xa,
    dxa: xa,
  };
}

/** Buffers of the optimizer. */
export function optimizerBytes(config: ModelConfig, shape: TrainingShape) {
  return muonBufferBytes(muonWeights(config, shape));
}

/** The longest sequence of tokens or states. */
const longest = (shape: TrainingShape) => Math.max(shape.length, stateRows(shape));

/** Regions of an encoder, and those for the patches of a batch. */
export function encoderBytes(config: EncoderConfig, shape: TrainingShape) {
  const stack = encoderStack(config, shape);
  return {
    activations: keptBytes(stack, shape),
    work: layerBytes(stack, shape.batch * stack.length),
    patches: 4 * shape.batch * patchCount(config) * padded(patchLength(config)),
  };
}

/**
 * Regions of the attention to S encoder states of a sequence; the names are fields of CROSS_TRAINING. States and
 * their gradient have regions of their own unless they are those of an encoder.
 */
export function crossBytes({ channels, heads, layers }: ModelConfig, shape: TrainingShape) {
  const { batch, length, recompute = false, encoder } = shape;
  const rows = 4 * batch * length;
  const states = 4 * batch * stateRows(shape);
  const kept = recompute ? 1 : layers;
  const own = encoder !== undefined && encoder.outputChannels === undefined ? 0 : states * padded(channels);
  return {
    queries: rows * padded(channels) * kept,
    keysAndValues: states * padded(2 * channels) * kept,
    output: rows * padded(channels) * kept,
    residual: rows * padded(channels) * kept,
    logSums: 4 * batch * heads * padded(length) * kept,
    dkeysAndValues: states * padded(2 * channels),
    memory: own,
    dmemory: own,
  };
}

/** Regions of a mapper outside of its layers; the names are fields of PREFIX_TRAINING. */
export function prefixBytes(config: MapperConfig, { batch }: TrainingShape) {
  const { kind, features, vectors, channels, innerChannels } = config;
  const isMlp = kind === 'mlp';
  const inside = isMlp ? innerChannels : config.made * channels;
  const rows = 4 * batch;
  return {
    features: rows * padded(features),
    hidden: rows * padded(inside),
    activated: isMlp ? rows * padded(inside) : 0,
    out: isMlp ? rows * padded(vectors * channels) : 0,
  };
}

/** Regions of the layers of a mapper that is a transformer; undefined for another one. */
export function mapperLayerBytes(config: MapperConfig, shape: TrainingShape) {
  if (config.kind === 'mlp') return undefined;
  const stack = encoderStack(mapperEncoder(config), shape);
  return { activations: keptBytes(stack, shape), work: layerBytes(stack, shape.batch * stack.length) };
}

/** Bytes of all regions of a mapper. */
export function mapperBytes(config: MapperConfig, shape: TrainingShape): number {
  const layers = mapperLayerBytes(config, shape);
  return sumOf(prefixBytes(config, shape)) + (layers ? sumOf(layers.activations) + sumOf(layers.work) : 0);
}

/** Bytes of scratch of each thread. */
export function scratchBytes(
  { channels, heads }: ModelConfig,
  shape: TrainingShape,
  bytes: (T: number, S: number, headSize: number) => number = trainingScratchBytes,
): number {
  const { length, encoder, prefix } = shape;
  const S = stateRows(shape);
  const own = bytes(length, length, channels / heads);
  const cross = S === 0 ? 0 : bytes(length, S, channels / heads);
  const vision = encoder === undefined ? 0 : bytes(S, S, encoder.channels / encoder.heads);
  const M = prefix?.kind === 'transformer' ? prefix.made + prefix.vectors : 0;
  const mapper = prefix?.kind === 'transformer' ? bytes(M, M, prefix.channels / prefix.heads) : 0;
  return Math.max(own, cross, vision, mapper);
}

export const sumOf = (bytes: Readonly<Record<string, number>>): number =>
  Object.values(bytes).reduce((sum, length) => sum + length, 0);
