import type { FoundModel, StoredTensors } from '../format.js';
import { readTensorList } from './open.js';

/** Every tensor of a checkpoint, for models of other architectures. Throws as `openCheckpoint` does. */
export async function readTensors(model: FoundModel, signal?: AbortSignal): Promise<StoredTensors> {
  return { source: model.source, tensors: await readTensorList(model, signal) };
}
