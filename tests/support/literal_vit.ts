import { type EncoderConfig, patchCount, patchLength } from '../../src/architecture/vit/config.js';
import { ACTIVATIONS, add, attend } from './literal_layers.js';

/** Numbers of a weight, by its name in `encoderParameters`. */
export type EncoderWeights = ReadonlyMap<string, Float32Array>;

/**
 * The states of an image [S, width] by the definition of ViT and DeiT, in double precision. `round` is applied to
 * each input of a matrix, as formats do that quantize them.
 */
export function literalVit(
  config: EncoderConfig,
  weights: EncoderWeights,
  pixels: Float32Array,
  round: (x: Float64Array) => Float64Array = (x) => x,
): Float64Array[] {
  const { channels, heads, layers, classTokens, outputChannels } = config;
  const tensor = (name: string) => {
    const found = weights.get(name);
    if (found === undefined) throw new Error(`no weight ${name}`);
    return found;
  };
  const linear = (x: Float64Array, name: string, hasBias = true) => {
    const weight = tensor(`${name}.weight`);
    const bias = hasBias ? tensor(`${name}.bias`) : undefined;
    const input = round(x);
    return Float64Array.from({ length: weight.length / x.length }, (_, n) => {
      let sum = bias?.[n] ?? 0;
      for (let k = 0; k < input.length; k++) sum += input[k]! * weight[n * input.length + k]!;
      return sum;
    });
  };
  const norm = (x: Float64Array, name: string) => {
    const mean = x.reduce((a, b) => a + b) / x.length;
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
    const scale = Math.sqrt(variance + config.layerNormEpsilon);
    const [weight, bias] = [tensor(`${name}.weight`), tensor(`${name}.bias`)];
    return x.map((value, c) => ((value - mean) / scale) * weight[c]! + bias[c]!);
  };

  const tokens = ['cls_token', 'distillation_token'].slice(0, classTokens);
  const patches = Array.from({ length: patchCount(config) }, (_, index) =>
    linear(patchOf(config, pixels, index), 'embeddings.patch_embeddings.projection'),
  );
  const positions = tensor('embeddings.position_embeddings');
  let states = [...tokens.map((name) => Float64Array.from(tensor(`embeddings.${name}`))), ...patches].map(
    (state, row) => state.map((value, c) => value + positions[row * channels + c]!),
  );
  for (let index = 0; index < layers; index++) {
    const layer = `encoder.layer.${index}`;
    const normed = states.map((x) => norm(x, `${layer}.layernorm_before`));
    const [queries, keys, values] = ['query', 'key', 'value'].map((part) =>
      normed.map((x) => linear(x, `${layer}.attention.attention.${part}`, config.qkvBias)),
    ) as [Float64Array[], Float64Array[], Float64Array[]];
    states = states.map((x, row) => {
      const attended = attend(queries[row]!, keys, values, heads, Math.sqrt(heads / channels));
      return add(x, linear(attended, `${layer}.attention.output.dense`));
    });
    states = states.map((x) => {
      const inner = linear(norm(x, `${layer}.layernorm_after`), `${layer}.intermediate.dense`);
      return add(x, linear(inner.map(ACTIVATIONS[config.activation]), `${layer}.output.dense`));
    });
  }
  states = states.map((x) => norm(x, 'layernorm'));
  return outputChannels === undefined ? states : states.map((x) => linear(x, 'enc_to_dec_proj'));
}

/** The numbers of a patch, in the order of a convolution's kernel. */
function patchOf(config: EncoderConfig, pixels: Float32Array, index: number): Float64Array {
  const { imageSize, patchSize } = config;
  const columns = Math.floor(imageSize[1] / patchSize[1]);
  const [top, left] = [Math.floor(index / columns) * patchSize[0], (index % columns) * patchSize[1]];
  return Float64Array.from({ length: patchLength(config) }, (_, k) => {
    const x = k % patchSize[1];
    const y = Math.floor(k / patchSize[1]) % patchSize[0];
    const channel = Math.floor(k / (patchSize[0] * patchSize[1]));
    return pixels[(channel * imageSize[0] + top + y) * imageSize[1] + left + x]!;
  });
}
