import type { Activation, ModelConfig } from '../../architecture/gpt2/config.js';
import type { WeightFormat } from '../../dtypes/weight_formats.js';
import { cacheCapacity } from '../layout.js';

/** The numbers of assembly/kernels/activation.ts. */
const ACTIVATIONS: Record<Activation, number> = { 'gelu-tanh': 0, 'gelu-erf': 1, relu: 2, silu: 3, tanh: 4 };

/** The numbers of assembly/model.ts. */
const FORMATS: Record<WeightFormat, number> = { f32: 0, q8: 1, q4: 2 };

/** 4-byte fields of assembly/model.ts's Model and Layer. */
export const MODEL_FIELDS = 23;
export const LAYER_FIELDS = 13;
/** Of the pointer to a model's adapters, which `writeModelStruct` leaves at 0. */
export const ADAPTERS_FIELD = 22;

const LAYER_WEIGHTS = [
  'ln_1.weight',
  'ln_1.bias',
  'attn.c_attn.weight',
  'attn.c_attn.bias',
  'attn.c_proj.weight',
  'attn.c_proj.bias',
  'ln_2.weight',
  'ln_2.bias',
  'mlp.c_fc.weight',
  'mlp.c_fc.bias',
  'mlp.c_proj.weight',
  'mlp.c_proj.bias',
];

/** Where scratch and weights are, in bytes. */
export interface Pointers {
  readonly model: number;
  readonly layers: number;
  readonly x: number;
  readonly normed: number;
  readonly qkv: number;
  readonly hidden: number;
  readonly quantized: number;
  readonly scratch: number;
  /** Bytes of `scratch` for each thread. */
  readonly scratchBytes: number;
  /** Pointer of a weight parameter. */
  weight(name: string): number;
}

/** What attention scores of a layer (from 0) are multiplied by. */
function scoreScale(config: ModelConfig, layer: number): number {
  const byHead = config.scaleAttention ? 1 / Math.sqrt(config.channels / config.heads) : 1;
  return config.scaleAttentionByInverseLayer ? byHead / (layer + 1) : byHead;
}

/** Fills in Model and Layer of assembly/model.ts, field by field in their order. */
export function writeModelStruct(
  view: DataView,
  config: ModelConfig,
  weights: WeightFormat,
  at: Pointers,
): void {
  let offset = at.model;
  const u32 = (value: number) => {
    view.setUint32(offset, value, true);
    offset += 4;
  };
  const f32 = (value: number) => {
    view.setFloat32(offset, value, true);
    offset += 4;
  };
  u32(config.vocabSize);
  u32(cacheCapacity(config));
  u32(config.channels);
  u32(config.layers);
  u32(config.heads);
  u32(config.innerChannels);
  u32(ACTIVATIONS[config.activation]);
  u32(FORMATS[weights]);
  f32(config.layerNormEpsilon);
  u32(at.weight('wte.weight'));
  u32(at.weight('wpe.weight'));
  u32(at.weight('ln_f.weight'));
  u32(at.weight('ln_f.bias'));
  u32(at.weight(config.tiedHead ? 'wte.weight' : 'lm_head.weight'));
  u32(at.layers);
  for (const region of [at.x, at.normed, at.qkv, at.hidden, at.quantized]) u32(region);
  u32(at.scratch);
  u32(at.scratchBytes);

  offset = at.layers;
  for (let layer = 0; layer < config.layers; layer++) {
    for (const name of LAYER_WEIGHTS) u32(at.weight(`h.${layer}.${name}`));
    f32(scoreScale(config, layer));
  }
}
