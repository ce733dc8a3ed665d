import { GELU_ERF, GELU_TANH, RELU, SILU, TANH } from '../../../assembly/abi.js';
import type { Activation, ModelConfig } from '../../architecture/gpt2/config.js';
import { headRows } from '../../architecture/gpt2/parameters.js';
import { KV_CODES, type KvFormat } from '../../dtypes/kv_formats.js';
import { FORMATS, type WeightFormat } from '../../dtypes/weight_formats.js';
import { type StructLayout, structBytes, writeStruct } from './struct.js';

/** Sizes of a model and addresses of its parts. */
export const MODEL = {
  vocabSize: 'u32',
  channels: 'u32',
  layers: 'u32',
  heads: 'u32',
  innerChannels: 'u32',
  activation: 'u32',
  weights: 'u32',
  kv: 'u32',
  layerNormEpsilon: 'f32',
  wte: 'u32',
  wpe: 'u32',
  finalWeight: 'u32',
  finalBias: 'u32',
  head: 'u32',
  layerArray: 'u32',
  x: 'u32',
  normed: 'u32',
  qkv: 'u32',
  hidden: 'u32',
  quantized: 'u32',
  scratch: 'u32',
  scratchBytes: 'u32',
  cross: 'u32',
} as const satisfies StructLayout;

/** Addresses of a layer's weights and of its four MATRIX. */
export const LAYER = {
  ln1Weight: 'u32',
  ln1Bias: 'u32',
  attn: 'u32',
  proj: 'u32',
  ln2Weight: 'u32',
  ln2Bias: 'u32',
  fc: 'u32',
  out: 'u32',
  scoreScale: 'f32',
} as const satisfies StructLayout;

/** A matrix [K, N] with its bias. */
export const MATRIX = { weight: 'u32', bias: 'u32', K: 'u32', N: 'u32' } as const satisfies StructLayout;

/** Numbers of activations in the core. */
export const ACTIVATIONS: Readonly<Record<Activation, number>> = {
  'gelu-tanh': GELU_TANH,
  'gelu-erf': GELU_ERF,
  relu: RELU,
  silu: SILU,
  tanh: TANH,
};

/** Addresses of the parts of a model. */
export interface ModelAddresses {
  /** Room for `modelStructBytes`. */
  readonly model: number;
  readonly x: number;
  readonly normed: number;
  readonly qkv: number;
  readonly hidden: number;
  readonly quantized: number;
  readonly scratch: number;
  /** Bytes of `scratch` for each thread. */
  readonly scratchBytes: number;
  /** CROSS, if the model has cross-attention. */
  readonly cross?: number;
  /** Address of a parameter. */
  weight(name: string): number;
}

/** Bytes of a Model, the Matrix of its head, and each layer's Layer and four Matrix, in this order. */
export function modelStructBytes({ layers }: ModelConfig): number {
  return structBytes(MODEL) + structBytes(MATRIX) + layers * LAYER_BYTES;
}

const LAYER_BYTES = structBytes(LAYER) + 4 * structBytes(MATRIX);

/** Factor of the attention scores of a layer, counted from 0. */
function scoreScale(config: ModelConfig, layer: number): number {
  const byHead = config.scaleAttention ? 1 / Math.sqrt(config.channels / config.heads) : 1;
  return config.scaleAttentionByInverseLayer ? byHead / (layer + 1) : byHead;
}

/** Writes a model's structures to `addresses.model`, whose memory is zero. */
export function writeModel(
  view: DataView,
  config: ModelConfig,
  { weights, kv }: { readonly weights: WeightFormat; readonly kv: KvFormat },
  addresses: ModelAddresses,
): void {
  const { model, weight } = addresses;
  const { channels, layers, innerChannels } = config;
  const head = model + structBytes(MODEL);
  const layerArray = head + structBytes(MATRIX);
  writeStruct(view, model, MODEL, {
    ...config,
    vocabSize: headRows(config),
    ...addresses,
    activation: ACTIVATIONS[config.activation],
    weights: FORMATS[weights].code,
    kv: KV_CODES[kv],
    wte: weight('wte.weight'),
    wpe: weight('wpe.weight'),
    finalWeight: weight('ln_f.weight'),
    finalBias: weight('ln_f.bias'),
    head,
    layerArray,
  });
  writeStruct(view, head, MATRIX, {
    weight: weight(config.tiedHead ? 'wte.weight' : 'lm_head.weight'),
    bias: 0,
    K: channels,
    N: headRows(config),
  });
  let end = layerArray + layers * structBytes(LAYER);
  for (let layer = 0; layer < layers; layer++) {
    const parameter = (name: string) => weight(`h.${layer}.${name}`);
    const matrix = (name: string, K: number, N: number) => {
      const fields = { weight: parameter(`${name}.weight`), bias: parameter(`${name}.bias`), K, N };
      writeStruct(view, end, MATRIX, fields);
      end += structBytes(MATRIX);
      return end - structBytes(MATRIX);
    };
    writeStruct(view, layerArray + layer * structBytes(LAYER), LAYER, {
      ln1Weight: parameter('ln_1.weight'),
      ln1Bias: parameter('ln_1.bias'),
      attn: matrix('attn.c_attn', channels, 3 * channels),
      proj: matrix('attn.c_proj', channels, channels),
      ln2Weight: parameter('ln_2.weight'),
      ln2Bias: parameter('ln_2.bias'),
      fc: matrix('mlp.c_fc', channels, innerChannels),
      out: matrix('mlp.c_proj', innerChannels, channels),
      scoreScale: scoreScale(config, layer),
    });
  }
}
