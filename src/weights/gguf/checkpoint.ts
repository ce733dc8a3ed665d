import type { ModelConfig } from '../../config.js';
import { Gpt2Error } from '../../errors.js';
import type { Checkpoint, WeightTensor } from '../checkpoint.js';
import { type WeightSlot, weightSlots } from '../slots.js';
import type { ModelSource, SourceFile } from '../source.js';
import { ggufConfig } from './config.js';
import { type GgufHeader, type GgufTensor, MAX_DIMENSIONS, readGgufHeader } from './header.js';
import { ggufLayerOf, ggufName, storedSlot } from './names.js';

/** Reads the header of a GGUF file and finds every weight of the model in it. Throws as `openCheckpoint` does. */
export async function openGguf(
  source: ModelSource,
  file: SourceFile,
  signal?: AbortSignal,
): Promise<Checkpoint> {
  const gguf = await readGgufHeader(source, file, signal);
  const config = ggufConfig(gguf);
  const slots = weightSlots(config);
  refuseUnknownTensors(gguf, slots, config);
  const byName = new Map(gguf.tensors.map((tensor) => [tensor.name, tensor]));
  const tensors = new Map(slots.map((slot) => [slot.name, findWeight(storedSlot(slot), byName, gguf)]));
  let totalBytes = 0;
  for (const { start, end } of tensors.values()) totalBytes += end - start;
  return { source, config, tensors, totalBytes, gguf, notes: [], json: {} };
}

/** A weight that is left out would silently change what the model computes. */
function refuseUnknownTensors(
  { tensors, where }: GgufHeader,
  slots: readonly WeightSlot[],
  config: ModelConfig,
): void {
  const known = new Set(slots.map(({ name }) => ggufName(name)));
  for (const { name } of tensors) {
    if (known.has(name)) continue;
    const has = `${where} has the tensor ${JSON.stringify(name)}`;
    if ((ggufLayerOf(name) ?? 0) >= config.layers) {
      throw new Gpt2Error('invalid-file', `${has}, but gpt2.block_count is ${config.layers}`);
    }
    throw new Gpt2Error('unsupported', `${has}, which is no part of GPT-2 and would change what it computes`);
  }
}

function findWeight(
  slot: WeightSlot,
  byName: ReadonlyMap<string, GgufTensor>,
  { file, where }: GgufHeader,
): WeightTensor {
  const name = ggufName(slot.name);
  const tensor = byName.get(name);
  if (tensor === undefined) {
    throw new Gpt2Error(
      'invalid-file',
      `${where} has no tensor "${name}" of shape [${slot.shape.join(', ')}]`,
    );
  }
  if (withAllDimensions(tensor.shape) !== withAllDimensions(slot.shape)) {
    throw new Gpt2Error(
      'invalid-file',
      `tensor "${name}" of ${where} has shape [${tensor.shape.join(', ')}], ` +
        `but by the metadata it must be [${slot.shape.join(', ')}]`,
    );
  }
  return { name, file: file.path, dtype: tensor.type, slot, start: tensor.start, end: tensor.end };
}

/** ggml's tensors all have four dimensions, and files leave out leading ones of size 1: [1, 32] is [32]. */
function withAllDimensions(shape: readonly number[]): string {
  return [...new Array(MAX_DIMENSIONS - shape.length).fill(1), ...shape].join();
}
