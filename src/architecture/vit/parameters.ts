import type { Parameter } from '../gpt2/parameters.js';
import { type EncoderConfig, patchLength, stateCount } from './config.js';

/** A weight of an image encoder, by its name in Hugging Face's `ViTModel`. */
export interface EncoderParameter extends Parameter {
  /** The shape in a file, if it has other dimensions than `shape`, with the same numbers in the same order. */
  readonly storedShape?: readonly number[];
}

/** The last matrix's name; it stands beside the encoder in a VisionEncoderDecoderModel. */
export const OUTPUT_PROJECTION = 'enc_to_dec_proj';

/**
 * Every weight of an image encoder, in the order in which the core lays them out, one after the other: class
 * tokens are rows of one matrix, and the queries, keys and values of a layer are the columns of one.
 */
export function encoderParameters(config: EncoderConfig): EncoderParameter[] {
  const { channels, innerChannels, imageChannels, patchSize, outputChannels } = config;
  const states = stateCount(config);
  const parameters: EncoderParameter[] = [];
  const vector = (name: string, length: number) => parameters.push({ name, kind: 'vector', shape: [length] });
  const linear = (name: string, inSize: number, outSize: number, storedShape?: readonly number[]) =>
    parameters.push({
      name: `${name}.weight`,
      kind: 'linear',
      shape: [outSize, inSize],
      ...(storedShape && { storedShape }),
    });
  const norm = (name: string) => {
    vector(`${name}.weight`, channels);
    vector(`${name}.bias`, channels);
  };
  const layerLinear = (name: string, inSize: number, outSize: number) => {
    linear(name, inSize, outSize);
    vector(`${name}.bias`, outSize);
  };
  const rows = (name: string, count: number) =>
    parameters.push({
      name: `embeddings.${name}`,
      kind: 'rows',
      shape: [count, channels],
      storedShape: [1, count, channels],
    });

  rows('cls_token', 1);
  if (config.classTokens === 2) rows('distillation_token', 1);
  rows('position_embeddings', states);
  const projection = 'embeddings.patch_embeddings.projection';
  linear(projection, patchLength(config), channels, [channels, imageChannels, ...patchSize]);
  vector(`${projection}.bias`, channels);
  for (let index = 0; index < config.layers; index++) {
    const layer = `encoder.layer.${index}`;
    const attention = ['query', 'key', 'value'].map((part) => `${layer}.attention.attention.${part}`);
    norm(`${layer}.layernorm_before`);
    for (const name of attention) linear(name, channels, channels);
    if (config.qkvBias) for (const name of attention) vector(`${name}.bias`, channels);
    layerLinear(`${layer}.attention.output.dense`, channels, channels);
    norm(`${layer}.layernorm_after`);
    layerLinear(`${layer}.intermediate.dense`, channels, innerChannels);
    layerLinear(`${layer}.output.dense`, innerChannels, channels);
  }
  norm('layernorm');
  if (outputChannels !== undefined) layerLinear(OUTPUT_PROJECTION, channels, outputChannels);
  return parameters;
}
