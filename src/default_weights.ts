import type { AdapterChoice } from './adapters/choice.js';
import { WEIGHT_FORMATS, type WeightFormat } from './core/layout.js';
import { Gpt2Error } from './errors.js';
import type { Checkpoint } from './weights/checkpoint.js';

/** The metadata of a GGUF file in which it names the format that its model is meant to run in. */
const KEY = 'gpt2_wasm.weights';

/**
 * How matrices are kept in memory if `weights` is left out: as the GGUF file itself says, else in f32. The embedded
 * model says q4, because it was trained in 4 bits. Adapters that are added to the weights make other numbers of them,
 * which 4 bits would round again, so that the sum is in f32.
 *
 * Throws `invalid-file` if the file names no such format.
 */
export function defaultWeights(
  { gguf }: Pick<Checkpoint, 'gguf'>,
  adapters: readonly AdapterChoice[] = [],
): WeightFormat {
  const named = gguf?.metadata.text(KEY);
  if (named === undefined) return 'f32';
  const format = WEIGHT_FORMATS.find((name) => name === named);
  if (format === undefined) {
    const formats = WEIGHT_FORMATS.join(', ');
    throw new Gpt2Error(
      'invalid-file',
      `${gguf!.where}: ${KEY} is ${JSON.stringify(named)}; it must be one of ${formats}`,
    );
  }
  return adapters.length === 0 ? format : 'f32';
}
