import type { Parameter } from '../architecture/gpt2/parameters.js';
import { isTensorType } from '../dtypes/tensor_types.js';
import type { WeightTensor } from './checkpoint.js';
import type { StoredModel } from './stored_model.js';
import type { StoredTensor } from './stored_tensor.js';

/**
 * The tensor of each parameter, by the parameter's name. Throws `invalid-file` for a parameter without a
 * tensor, or with two, or with one of another shape, `unsupported` for numbers that are not read, and one of
 * the two for a tensor without a parameter: a weight that is left out would silently change what the model
 * computes.
 */
export async function matchTensors(
  parameters: readonly Parameter[],
  stored: readonly StoredTensor[],
  model: StoredModel,
): Promise<Map<string, WeightTensor>> {
  const byName = new Map<string, StoredTensor>();
  let count = 0;
  for (const tensor of stored) {
    const name = model.canonicalName(tensor.name);
    if (name === undefined) continue;
    byName.set(name, tensor);
    count++;
  }
  const matched = new Map<string, WeightTensor>();
  for (const parameter of parameters) {
    const tensor = byName.get(model.nameOf(parameter.name));
    const layout = model.layoutOf(parameter);
    if (tensor === undefined || !model.fits(tensor.shape, layout.shape)) continue;
    const { name, file, dtype, start, end } = tensor;
    if (isTensorType(dtype))
      matched.set(parameter.name, { name, file, dtype, parameter: layout, start, end });
  }
  // Errors are rare, so that their code is loaded only for them.
  if (matched.size < parameters.length || matched.size < count) {
    throw (await import('./mismatch.js')).mismatch(parameters, stored, model);
  }
  return matched;
}

/** Bytes of all tensors together. */
export function byteLengthOf(tensors: ReadonlyMap<string, WeightTensor>): number {
  let sum = 0;
  for (const { start, end } of tensors.values()) sum += end - start;
  return sum;
}
