import type { Parameter } from '../gpt2/parameters.js';
import type { MapperConfig } from './config.js';

/** Before the names of a mapper's parameters in a file that also has the GPT-2 that was trained with it. */
export const MAPPER_PREFIX = 'clip_project.';

/** A weight of a mapper in a file. */
export interface StoredMapperWeight {
  /** Its name without `clip_project.`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** The parameters that its rows are, in order. */
  readonly parts: readonly Parameter[];
}

/** The weights of a mapper as files have them: the matrices of keys and of values are one. */
export function storedMapperWeights(config: MapperConfig): StoredMapperWeight[] {
  const { features, vectors, channels, innerChannels } = config;
  const weights: StoredMapperWeight[] = [];
  const add = (name: string, kind: Parameter['kind'], ...shape: number[]) =>
    weights.push({ name, shape, parts: [{ name: MAPPER_PREFIX + name, kind, shape }] });
  const linear = (name: string, inSize: number, outSize: number) => {
    add(`${name}.weight`, 'linear', outSize, inSize);
    add(`${name}.bias`, 'vector', outSize);
  };
  if (config.kind === 'mlp') {
    linear('model.0', features, innerChannels);
    linear('model.2', innerChannels, vectors * channels);
    return weights;
  }
  const norm = (name: string) => {
    add(`${name}.weight`, 'vector', channels);
    add(`${name}.bias`, 'vector', channels);
  };
  linear('linear', features, config.made * channels);
  add('prefix_const', 'rows', vectors, channels);
  for (let index = 0; index < config.layers; index++) {
    const layer = `transformer.layers.${index}`;
    norm(`${layer}.norm1`);
    add(`${layer}.attn.to_queries.weight`, 'linear', channels, channels);
    weights.push({
      name: `${layer}.attn.to_keys_values.weight`,
      shape: [2 * channels, channels],
      parts: ['keys', 'values'].map((part) => ({
        name: `${MAPPER_PREFIX}${layer}.attn.to_${part}.weight`,
        kind: 'linear',
        shape: [channels, channels],
      })),
    });
    linear(`${layer}.attn.project`, channels, channels);
    norm(`${layer}.norm2`);
    linear(`${layer}.mlp.fc1`, channels, innerChannels);
    linear(`${layer}.mlp.fc2`, innerChannels, channels);
  }
  return weights;
}

/**
 * Every weight of a mapper, in the order in which the core lays them out: queries, keys and values of a layer follow
 * each other.
 */
export function mapperParameters(config: MapperConfig): Parameter[] {
  return storedMapperWeights(config).flatMap(({ parts }) => parts);
}
