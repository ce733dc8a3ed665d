import { Gpt2Error } from '../../base/errors.js';
import { PickleObject } from '../../files/pickle/values.js';
import { canonicalName } from '../huggingface/names.js';
import type { Entry } from './read_weights.js';
import type { NamedTensor } from './stored_tensors.js';

/** Tensors that libraries of quantization store beside or in place of a weight. */
const QUANTIZED =
  /\.(?:SCB|weight_format|absmax|quant_map|quant_state(?:\..*)?|nested_absmax|nested_quant_map|qweight|qzeros|g_idx|_packed_params(?:\..*)?)$/;

const REMEDY = 'give the model that it was made of, or dequantize it in Python, and save its plain tensors';

/**
 * The tensors of a model under the names that transformers has. Throws `unsupported` for weights that are no
 * plain tensors. `source` names the source in messages.
 */
export function namedTensors(
  entries: readonly Entry[],
  rename: (name: string) => string,
  prefix: string,
  source: string,
): NamedTensor[] {
  const tensors: NamedTensor[] = [];
  for (const { name: own, value, file } of entries) {
    const name = rename(own);
    const where = `tensor ${JSON.stringify(own)} in ${file.file.path} of ${source}`;
    if (QUANTIZED.test(name)) {
      throw new Gpt2Error('unsupported', `${where} is of a quantized model, which is not read; ${REMEDY}`);
    }
    if (value instanceof PickleObject) {
      if (canonicalName(name) === undefined) continue;
      throw new Gpt2Error(
        'unsupported',
        `${where} is not a plain tensor but a ${value.type.full}, which is not read; ${REMEDY}`,
      );
    }
    // Counters of metrics and the like, beside the model.
    if (prefix !== '' && !own.includes(prefix) && Array.isArray(value.shape) && value.shape.length === 0)
      continue;
    tensors.push({ name, tensor: value, file });
  }
  return tensors;
}

/** Whether two tensors are the same view of the same storage. */
export function areSame(a: NamedTensor, b: NamedTensor): boolean {
  const [{ tensor: one }, { tensor: other }] = [a, b];
  if (
    a.file !== b.file ||
    one.storage.key !== other.storage.key ||
    one.storage.first !== other.storage.first
  ) {
    return false;
  }
  return (
    one.type.dtype === other.type.dtype &&
    one.offset === other.offset &&
    areEqual(one.shape, other.shape) &&
    areEqual(one.strides, other.strides)
  );
}

function areEqual(a: unknown, b: unknown): boolean {
  return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((each, i) => each === b[i]);
}
