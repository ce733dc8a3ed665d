import { type EncoderConfig, patchGrid } from '../architecture/vit/config.js';

/** How an image is cut: the encoder has a state for each patch, row by row, after those of its class tokens. */
export interface Patches {
  /** Patches from top to bottom. */
  readonly rows: number;
  /** Patches from left to right. */
  readonly columns: number;
}

export function patchesOf(config: EncoderConfig): Patches {
  const [rows, columns] = patchGrid(config);
  return { rows, columns };
}

/**
 * Attention to patches, row by row: the mean over layers and heads of the attention to all states [L, H, S],
 * without the first states, which are those of the class tokens.
 */
export function patchAttention(weights: Float32Array, config: EncoderConfig): Float32Array {
  const { rows, columns } = patchesOf(config);
  const patches = rows * columns;
  const states = config.classTokens + patches;
  const heads = weights.length / states;
  return Float32Array.from({ length: patches }, (_, patch) => {
    let sum = 0;
    for (let head = 0; head < heads; head++) sum += weights[head * states + config.classTokens + patch]!;
    return sum / heads;
  });
}
