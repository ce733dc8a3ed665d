import type { Parameter } from '../../../architecture/gpt2/parameters.js';
import { Gpt2Error } from '../../../base/errors.js';
import type { AdapterTensors } from '../adapter_tensors.js';

/** The bias of the module whose weight a parameter is, if it has one. */
export function findBias({ model }: AdapterTensors, { name }: Parameter): Parameter | undefined {
  const bias = name.replace(/weight$/, 'bias');
  return model.parameters.find((parameter) => parameter.name === bias);
}

/** As `findBias`; throws `unsupported` if there is none. */
export function biasOf(tensors: AdapterTensors, parameter: Parameter): Parameter {
  const bias = findBias(tensors, parameter);
  if (bias !== undefined) return bias;
  throw new Gpt2Error(
    'unsupported',
    `${tensors.where} has a bias for ${parameter.name}, which has none in the model`,
  );
}
