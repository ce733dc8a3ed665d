import type { Model } from '../../model/model.js';
import type { Work } from '../../model/remote_models.js';

/** Bytes of weights that are read in one pass over the text. */
const PASS_BYTES = 128 * 2 ** 20;

/** Weights [heads, positions, tokens] of a layer. */
export type ReceivePattern = (layer: number, weights: Float32Array) => Promise<void> | void;

/** Where patterns are read. */
export interface PatternPlace {
  readonly ids: readonly number[];
  /** Positions that attend. */
  readonly positions: readonly number[];
  readonly layers: readonly number[];
}

/**
 * Passes the attention of all heads of a layer, in the order of the layers. As many layers as PASS_BYTES hold, at least
 * one, are read in one pass. Throws `aborted`, and `out-of-memory` if a layer alone is too large.
 */
export async function readPatterns(
  model: Model,
  { ids, positions, layers }: PatternPlace,
  { signal, onProgress }: Work,
  receive: ReceivePattern,
): Promise<void> {
  const bytes = 4 * model.config.heads * positions.length * ids.length;
  const atOnce = Math.max(1, Math.floor(PASS_BYTES / bytes));
  for (let from = 0; from < layers.length; from += atOnce) {
    const some = layers.slice(from, from + atOnce);
    const nameOf = (layer: number) => `blocks.${layer}.attn.hook_pattern`;
    const { values } = await model.trace(ids, {
      ...{ read: some.map(nameOf), positions, logits: 'none', signal },
    });
    for (const [i, layer] of some.entries()) {
      await receive(layer, values[nameOf(layer)]!.data);
      onProgress?.({ done: from + i + 1, total: layers.length });
    }
  }
}
