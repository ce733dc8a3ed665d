import type { Checkpoint } from '../checkpoints/checkpoint.js';
import type { WeightFormat } from '../dtypes/weight_formats.js';
import type { AdapterChoice } from './adapters/adapter_choice.js';

/**
 * The format of matrices in memory if `weights` is left out: the one that the GGUF file names, else f32. The
 * embedded model names q4, since it was trained in 4 bits. Merged adapters change the weights, which 4 bits
 * would round again, so that the sum is in f32.
 *
 * Throws `invalid-file` if the file names no such format.
 */
export function defaultWeights(
  checkpoint: Pick<Checkpoint, 'namedWeights'>,
  adapters: readonly AdapterChoice[] = [],
): WeightFormat {
  const named = checkpoint.namedWeights?.();
  return named === undefined || adapters.length > 0 ? 'f32' : named;
}
