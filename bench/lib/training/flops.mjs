import { VOCABULARY } from '../models/shapes.mjs';

/**
 * Multiplications and additions of a step on B sequences of T tokens, by the usual count (Kaplan et al. 2020): forward
 * once, backward twice; once for frozen weights beside an adapter, whose gradient is not computed.
 *
 *     3 (or 2) x 2 B T (12 L C^2 + V C)  products with weights, the head's among them
 *     3 x 4 B T L C (T + 1) / 2          attention's two products, with the keys that a query sees
 *
 * The optimizer, norms, activations and the adapter do not count.
 */
export function stepFlops({ n_embd: C, n_layer: L, vocab_size: V = VOCABULARY }, batch, length, isLora) {
  const tokens = batch * length;
  const weights = (isLora ? 4 : 6) * tokens * (12 * L * C * C + V * C);
  const attention = 12 * tokens * L * C * ((length + 1) / 2);
  return weights + attention;
}

/** Numbers that are learned. */
export function parameters({ n_embd: C, n_layer: L, vocab_size: V = VOCABULARY }, context) {
  return (V + context) * C + L * (12 * C * C + 13 * C) + 2 * C;
}
