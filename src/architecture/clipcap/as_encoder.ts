import type { EncoderConfig } from '../vit/config.js';
import type { TransformerMapperConfig } from './config.js';
import { MAPPER_PREFIX } from './parameters.js';

/**
 * An encoder of images whose layers are those of a mapper, and that has as many states as the mapper has vectors. Its
 * embedding and its final norm are not used.
 */
export function mapperEncoder(config: Omit<TransformerMapperConfig, 'kind'>): EncoderConfig {
  const { channels, layers, heads, innerChannels, made, vectors } = config;
  return {
    ...{ channels, layers, heads, innerChannels, activation: 'relu', layerNormEpsilon: 1e-5 },
    ...{ imageSize: [made + vectors - 1, 1], patchSize: [1, 1], imageChannels: 1, classTokens: 1 },
    ...{ qkvBias: false, outputChannels: undefined },
  };
}

/** The encoder's names of a layer's parameters, with those of the mapper. */
const NAMES: Readonly<Record<string, string>> = {
  'layernorm_before.weight': 'norm1.weight',
  'layernorm_before.bias': 'norm1.bias',
  'attention.attention.query.weight': 'attn.to_queries.weight',
  'attention.attention.key.weight': 'attn.to_keys.weight',
  'attention.attention.value.weight': 'attn.to_values.weight',
  'attention.output.dense.weight': 'attn.project.weight',
  'attention.output.dense.bias': 'attn.project.bias',
  'layernorm_after.weight': 'norm2.weight',
  'layernorm_after.bias': 'norm2.bias',
  'intermediate.dense.weight': 'mlp.fc1.weight',
  'intermediate.dense.bias': 'mlp.fc1.bias',
  'output.dense.weight': 'mlp.fc2.weight',
  'output.dense.bias': 'mlp.fc2.bias',
};

/** The mapper's name of an encoder's parameter; undefined for one outside of layers. */
export function mapperName(encoderName: string): string | undefined {
  const [, layer, rest] = /^encoder\.layer\.(\d+)\.(.+)$/.exec(encoderName) ?? [];
  return layer === undefined ? undefined : `${MAPPER_PREFIX}transformer.layers.${layer}.${NAMES[rest!]}`;
}
