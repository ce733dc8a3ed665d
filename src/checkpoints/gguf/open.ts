import { type WeightSlot, weightSlots } from '../../architecture/gpt2/parameters.js';
import type { ModelSource, SourceFile } from '../../files/source.js';
import type { Checkpoint, WeightTensor } from '../checkpoint.js';
import { ggufConfig } from './config.js';
import { fits } from './fits.js';
import { type GgufHeader, type GgufTensor, readGgufHeader } from './header.js';
import { ggufName, storedSlot } from './names.js';

/** Reads the header of a GGUF file and finds every weight of the model in it. Throws as `openCheckpoint` does. */
export async function openGguf(
  source: ModelSource,
  file: SourceFile,
  signal?: AbortSignal,
): Promise<Checkpoint> {
  const gguf = await readGgufHeader(source, file, signal);
  const config = await ggufConfig(gguf);
  const slots = weightSlots(config);
  const byName = new Map(gguf.tensors.map((tensor) => [tensor.name, tensor]));
  const known = new Set(slots.map(({ name }) => ggufName(name)));
  const tensors = new Map<string, WeightTensor>();
  for (const slot of slots) {
    const tensor = byName.get(ggufName(slot.name));
    if (tensor !== undefined && fits(tensor, storedSlot(slot)))
      tensors.set(slot.name, weightOf(tensor, slot, gguf));
  }
  // A weight that is left out would silently change what the model computes.
  if (tensors.size < slots.length || gguf.tensors.some(({ name }) => !known.has(name))) {
    const { wrongTensor } = await import('./wrong_tensor.js');
    throw wrongTensor(slots, gguf, config);
  }
  let totalBytes = 0;
  for (const { start, end } of tensors.values()) totalBytes += end - start;
  return { source, config, tensors, totalBytes, gguf, notes: [], json: {} };
}

function weightOf(tensor: GgufTensor, slot: WeightSlot, { file }: GgufHeader): WeightTensor {
  const { name, type, start, end } = tensor;
  return { name, file: file.path, dtype: type, slot: storedSlot(slot), start, end };
}
