import { padded } from '../../../assembly/abi.js';
import type { CoreMemory } from '../memory.js';
import type { Batch } from './batch.js';
import type { TrainPlaces } from './place.js';
import type { TrainingShape } from './shape.js';
import { writeSequences } from './structs.js';

/** Puts the features of a batch into place, if a mapper takes them. */
export function writeFeatures(
  memory: CoreMemory,
  { prefix }: TrainPlaces,
  { prefix: config }: TrainingShape,
  { batch, features }: Batch,
): void {
  if (prefix === undefined || config === undefined || features === undefined) return;
  const { features: D } = config;
  for (let row = 0; row < batch; row++) {
    const address = prefix.regions.features + 4 * padded(D) * row;
    memory.f32(address, D).set(features.subarray(row * D, (row + 1) * D));
  }
  if (config.kind !== 'transformer') return;
  const view = new DataView(memory.memory.buffer);
  writeSequences(view, prefix.layers!.training, batch, config.made + config.vectors);
}
