import type { ModelConfig } from '../../src/architecture/gpt2/config.js';
import type { EncoderConfig } from '../../src/architecture/vit/config.js';
import { ACTIVATIONS, add, attend } from './literal_layers.js';
import { type EncoderWeights, literalVit } from './literal_vit.js';

/** Numbers of weights by their names in `TrainCore.parameters`. */
export type Weights = ReadonlyMap<string, Float64Array>;

/** A decoder, and the encoder of the states that it attends to, if it has one. */
export interface CaptionerConfig {
  readonly config: ModelConfig;
  readonly encoder?: EncoderConfig | undefined;
}

/**
 * Tokens and targets of one sequence with its image, or with the states that it attends to, or with vectors in the place
 * of its first tokens.
 */
export interface Captioned {
  readonly tokens: readonly number[];
  readonly targets: readonly number[];
  readonly pixels?: Float32Array | undefined;
  readonly states?: readonly Float64Array[] | undefined;
  readonly prefix?: readonly Float64Array[] | undefined;
}

/** The losses of a sequence's tokens, in nats; 0 for a token without a target. */
export function literalLosses(captioner: CaptionerConfig, weights: Weights, sequence: Captioned): number[] {
  return literalLogits(captioner, weights, sequence).map((logits, t) => {
    const target = sequence.targets[t]!;
    return target < 0 ? 0 : logSumExp(logits) - logits[target]!;
  });
}

/** ln of the sum of the exponentials. */
export function logSumExp(logits: readonly number[]): number {
  const largest = Math.max(...logits);
  return largest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0));
}

/** The logits after each token of a sequence, by the definition of GPT-2, in double precision. */
export function literalLogits(
  { config, encoder }: CaptionerConfig,
  weights: Weights,
  { tokens, pixels, states: given, prefix = [] }: Captioned,
): number[][] {
  const { channels: C, heads, layers, activation } = config;
  const states = config.crossAttention
    ? (given ?? literalVit(encoder!, weights as unknown as EncoderWeights, pixels!))
    : [];
  const tensor = (name: string) => weights.get(name)!;
  const linear = (x: Float64Array, name: string) => {
    const [weight, bias] = [tensor(`${name}.weight`), tensor(`${name}.bias`)];
    return bias.map((value, n) => x.reduce((sum, xk, k) => sum + xk * weight[k * bias.length + n]!, value));
  };
  const norm = (x: Float64Array, name: string) => {
    const mean = x.reduce((a, b) => a + b) / C;
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / C;
    const deviation = Math.sqrt(variance + config.layerNormEpsilon);
    const [weight, bias] = [tensor(`${name}.weight`), tensor(`${name}.bias`)];
    return x.map((value, c) => ((value - mean) / deviation) * weight[c]! + bias[c]!);
  };
  const row = (name: string, index: number) => tensor(name).slice(index * C, (index + 1) * C);
  let rows = tokens.map((token, t) => add(prefix[t] ?? row('wte.weight', token), row('wpe.weight', t)));
  for (let index = 0; index < layers; index++) {
    const layer = `h.${index}`;
    const byHead = config.scaleAttention ? 1 / Math.sqrt(C / heads) : 1;
    const scale = config.scaleAttentionByInverseLayer ? byHead / (index + 1) : byHead;
    const qkv = rows.map((x) => linear(norm(x, `${layer}.ln_1`), `${layer}.attn.c_attn`));
    const [keys, values] = [1, 2].map((part) => qkv.map((x) => x.slice(part * C, (part + 1) * C)));
    rows = rows.map((x, t) => {
      const query = qkv[t]!.slice(0, C);
      const attended = attend(query, keys!.slice(0, t + 1), values!.slice(0, t + 1), heads, scale);
      return add(x, linear(attended, `${layer}.attn.c_proj`));
    });
    if (config.crossAttention) {
      const pairs = states.map((state) => linear(state, `${layer}.crossattention.c_attn`));
      const [stateKeys, stateValues] = [0, 1].map((part) =>
        pairs.map((x) => x.slice(part * C, (part + 1) * C)),
      );
      rows = rows.map((x) => {
        const query = linear(norm(x, `${layer}.ln_cross_attn`), `${layer}.crossattention.q_attn`);
        const attended = attend(query, stateKeys!, stateValues!, heads, scale);
        return add(x, linear(attended, `${layer}.crossattention.c_proj`));
      });
    }
    rows = rows.map((x) => {
      const inner = linear(norm(x, `${layer}.ln_2`), `${layer}.mlp.c_fc`);
      return add(x, linear(inner.map(ACTIVATIONS[activation]), `${layer}.mlp.c_proj`));
    });
  }
  const head = tensor(config.tiedHead ? 'wte.weight' : 'lm_head.weight');
  return rows.map((x) => {
    const hidden = norm(x, 'ln_f');
    return Array.from({ length: head.length / C }, (_, id) =>
      hidden.reduce((sum, value, c) => sum + value * head[id * C + c]!, 0),
    );
  });
}
