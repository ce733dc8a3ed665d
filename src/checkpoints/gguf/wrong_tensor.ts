import type { ModelConfig } from '../../architecture/gpt2/config.js';
import type { Parameter } from '../../architecture/gpt2/parameters.js';
import { Gpt2Error } from '../../base/errors.js';
import { fits } from './fits.js';
import type { GgufHeader } from './header.js';
import { ggufLayerOf, ggufName, storedParameter } from './names.js';

/** The error for the first tensor that is not as the metadata says: one that is no weight of the model, or one of `parameters`. */
export function wrongTensor(
  parameters: readonly Parameter[],
  { tensors, where }: GgufHeader,
  config: ModelConfig,
): Gpt2Error {
  const known = new Set(parameters.map(({ name }) => ggufName(name)));
  const unknown = tensors.find(({ name }) => !known.has(name));
  if (unknown !== undefined) {
    const has = `${where} has the tensor ${JSON.stringify(unknown.name)}`;
    if ((ggufLayerOf(unknown.name) ?? 0) >= config.layers) {
      return new Gpt2Error('invalid-file', `${has}, but gpt2.block_count is ${config.layers}`);
    }
    return new Gpt2Error(
      'unsupported',
      `${has}, which is no part of GPT-2 and would change what it computes`,
    );
  }
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const stored = parameters
    .map(storedParameter)
    .map((parameter) => ({ parameter, tensor: byName.get(ggufName(parameter.name)) }));
  const { parameter, tensor } = stored.find(
    ({ parameter, tensor }) => tensor === undefined || !fits(tensor, parameter),
  )!;
  const name = ggufName(parameter.name);
  const must = `[${parameter.shape.join(', ')}]`;
  return new Gpt2Error(
    'invalid-file',
    tensor === undefined
      ? `${where} has no tensor "${name}" of shape ${must}`
      : `tensor "${name}" of ${where} has shape [${tensor.shape.join(', ')}], but by the metadata it must be ${must}`,
  );
}
