import { padded } from '../../../assembly/abi.js';
import { patchCount, patchLength } from '../../architecture/vit/config.js';
import { gatherPatches } from '../encoder/patches.js';
import type { CoreMemory } from '../memory.js';
import type { Batch } from './batch.js';
import type { TrainPlaces } from './place.js';
import { stateRows, type TrainingShape } from './shape.js';
import { writeGiven, writeSequences } from './structs.js';

/** Puts the pixels or states of a batch into place. */
export function writeVision(
  memory: CoreMemory,
  { cross, encoder }: TrainPlaces,
  shape: TrainingShape,
  { batch, pixels, states }: Batch,
): void {
  if (cross === undefined) return;
  const view = new DataView(memory.memory.buffer);
  const S = stateRows(shape);
  if (encoder !== undefined) writeSequences(view, encoder.training, batch, S);
  writeGiven(view, cross.training, states !== undefined);
  if (states !== undefined) {
    const width = states.length / (batch * S);
    const address = encoder?.work.normed ?? cross.regions.memory;
    for (let row = 0; row < batch * S; row++) {
      const values = states.subarray(row * width, (row + 1) * width);
      memory.f32(address + 4 * padded(width) * row, width).set(values);
    }
  }
  if (pixels === undefined) return;
  const config = shape.encoder!;
  const bytes = 4 * patchCount(config) * padded(patchLength(config));
  const size = pixels.length / batch;
  for (let image = 0; image < batch; image++) {
    const own = pixels.subarray(image * size, (image + 1) * size);
    gatherPatches(memory, encoder!.patches + image * bytes, own, config);
  }
}
