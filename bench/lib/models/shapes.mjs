/**
 * GPT-2's shapes by number of parameters, and a small one for what can do no more; the large ones are stored in F16,
 * as they would not be kept twice as big.
 */
export const SHAPES = {
  '1M': { dtype: 'F32', n_embd: 128, n_layer: 4, n_head: 4, vocab_size: 1024, eos_token_id: 0 },
  '124M': { dtype: 'F32', n_embd: 768, n_layer: 12, n_head: 12 },
  '355M': { dtype: 'F16', n_embd: 1024, n_layer: 24, n_head: 16 },
  '774M': { dtype: 'F16', n_embd: 1280, n_layer: 36, n_head: 20 },
  '1558M': { dtype: 'F16', n_embd: 1600, n_layer: 48, n_head: 25 },
};

/** Fields that all of them share. */
export const VOCABULARY = 50257;
export const CONTEXT = 1024;

/** Weights in the matrices of the layers: those that every token of a prompt is multiplied with. */
export function layerWeights(size) {
  const { n_embd: C, n_layer } = SHAPES[size];
  return n_layer * 12 * C * C;
}

/** Weights that a decoded token is multiplied with: the layers' and the head's. */
export function decodeWeights(size) {
  return layerWeights(size) + VOCABULARY * SHAPES[size].n_embd;
}
