import type { Activation, ModelConfig } from '../../architecture/gpt2/config.js';

/** Hugging Face's names of the activations. */
export const ACTIVATION_NAMES: Readonly<Record<Activation, string>> = {
  'gelu-tanh': 'gelu_new',
  'gelu-erf': 'gelu',
  relu: 'relu',
  silu: 'silu',
  tanh: 'tanh',
};

/** The content of `config.json`, from which `parseConfig` reads exactly `config`. */
export function configJson(config: ModelConfig): Record<string, unknown> {
  const { innerChannels, channels, eosTokenIds } = config;
  return {
    model_type: 'gpt2',
    architectures: ['GPT2LMHeadModel'],
    vocab_size: config.vocabSize,
    n_positions: config.contextLength,
    n_embd: channels,
    n_layer: config.layers,
    n_head: config.heads,
    n_inner: innerChannels === 4 * channels ? null : innerChannels,
    activation_function: ACTIVATION_NAMES[config.activation],
    layer_norm_epsilon: config.layerNormEpsilon,
    scale_attn_weights: config.scaleAttention,
    scale_attn_by_inverse_layer_idx: config.scaleAttentionByInverseLayer,
    tie_word_embeddings: config.tiedHead,
    bos_token_id: config.bosTokenId ?? null,
    ...(config.crossAttention && { add_cross_attention: true }),
    eos_token_id: eosTokenIds.length > 1 ? eosTokenIds : (eosTokenIds[0] ?? null),
    torch_dtype: 'float32',
  };
}
