import type { ModelConfig } from '../../architecture/gpt2/config.js';
import type { WeightSlot } from '../../architecture/gpt2/parameters.js';
import { Gpt2Error } from '../../base/errors.js';
import { fits } from './fits.js';
import type { GgufHeader } from './header.js';
import { ggufLayerOf, ggufName, storedSlot } from './names.js';

/** The error for the first tensor that is not as the metadata says: one that is no weight of the model, or one of `slots`. */
export function wrongTensor(
  slots: readonly WeightSlot[],
  { tensors, where }: GgufHeader,
  config: ModelConfig,
): Gpt2Error {
  const known = new Set(slots.map(({ name }) => ggufName(name)));
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
  const stored = slots.map(storedSlot).map((slot) => ({ slot, tensor: byName.get(ggufName(slot.name)) }));
  const { slot, tensor } = stored.find(({ slot, tensor }) => tensor === undefined || !fits(tensor, slot))!;
  const name = ggufName(slot.name);
  const must = `[${slot.shape.join(', ')}]`;
  return new Gpt2Error(
    'invalid-file',
    tensor === undefined
      ? `${where} has no tensor "${name}" of shape ${must}`
      : `tensor "${name}" of ${where} has shape [${tensor.shape.join(', ')}], but by the metadata it must be ${must}`,
  );
}
