import type { Checkpoint } from '../checkpoints/checkpoint.js';
import type { WeightFormat } from '../dtypes/weight_formats.js';
import type { AdapterChoice } from './adapters/adapter_choice.js';

/**
 * How matrices are kept in memory if `weights` is left out: as the GGUF file itself says, else in f32. The
 * embedded model says q4, because it was trained in 4 bits. Adapters that are added to the weights make other
 * numbers of them, which 4 bits would round again, so that the sum is in f32.
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
