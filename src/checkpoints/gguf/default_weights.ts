import { Gpt2Error } from '../../base/errors.js';
import { WEIGHT_FORMATS, type WeightFormat } from '../../dtypes/weight_formats.js';
import type { GgufHeader } from './header.js';

/** The metadata of a file in which it names the format that its model is meant to run in. */
const KEY = 'gpt2_wasm.weights';

/** The format that the model of a file is meant to run in, if it says so. Throws `invalid-file` for an unknown one. */
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
