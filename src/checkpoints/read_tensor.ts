import { Gpt2Error } from '../base/errors.js';
import { areFinite } from '../base/finite.js';
import { decode } from '../dtypes/decode.js';
import { DTYPES, isDtype } from '../dtypes/tensor_types.js';
import { readExactly } from '../files/read.js';
import type { ModelSource } from '../files/source.js';
import type { StoredTensor } from './stored_tensor.js';

/**
 * The numbers of a tensor that must have a shape. `by` names what asks for this shape. Throws `invalid-file` for
 * another shape or number format, and for numbers that are not finite.
 */
export async function readTensor(
  source: ModelSource,
  { name, file, dtype, shape, start, end }: StoredTensor,
  wanted: readonly number[],
  by: string,
  signal: AbortSignal | undefined,
): Promise<Float32Array<ArrayBuffer>> {
  const tensor = `tensor ${JSON.stringify(name)} of ${source.name}`;
  if (!isDtype(dtype) || String(shape) !== String(wanted)) {
    throw new Gpt2Error(
      'invalid-file',
      `${tensor} is ${dtype} [${shape.join(', ')}]; by ${by} it must be ${DTYPES.join(', ')} of shape [${wanted.join(', ')}]`,
    );
  }
  const values = new Float32Array(wanted.reduce((product, length) => product * length, 1));
  decode(dtype, await readExactly(source, file, start, end, signal), values);
  if (areFinite(values)) return values;
  throw new Gpt2Error('invalid-file', `${tensor} has a number that is NaN or infinite`);
}
