import { Gpt2Error } from '../../base/errors.js';
import { WEIGHT_FORMATS, type WeightFormat } from '../../dtypes/weight_formats.js';
import type { GgufHeader } from './header.js';

/** The key of the metadata that names the weight format in which the model should run. */
const KEY = 'gpt2_wasm.weights';

/**
 * The weight format that a file names for its model, if it names one. Throws `invalid-file` for an unknown
 * one.
 */
export function ggufWeights({ metadata, where }: GgufHeader): WeightFormat | undefined {
  const named = metadata.text(KEY);
  if (named === undefined) return undefined;
  const format = WEIGHT_FORMATS.find((name) => name === named);
  if (format !== undefined) return format;
  const formats = WEIGHT_FORMATS.join(', ');
  throw new Gpt2Error(
    'invalid-file',
    `${where}: ${KEY} is ${JSON.stringify(named)}; it must be one of ${formats}`,
  );
}
