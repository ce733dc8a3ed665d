import type { CoreMemory } from '../memory.js';
import type { Batch } from './batch.js';
import { dropoutRates, type MicrobatchOptions } from './microbatch_options.js';
import type { TrainPlaces } from './place.js';
import type { TrainingShape } from './shape.js';
import { writeDropouts, writeMicrobatch } from './structs.js';
import { writeFeatures } from './write_features.js';
import { writeVision } from './write_vision.js';

/** Puts a batch that was checked, and the numbers of its microbatch, into place. */
export function writeBatch(
  memory: CoreMemory,
  places: TrainPlaces,
  shape: TrainingShape,
  input: Batch,
  options: MicrobatchOptions,
): void {
  const { batch, length, tokens, targets, starts } = input;
  const { scale, seed = 0, pass = 0, microbatch = pass, dropout } = options;
  const { work, training, encoder } = places;
  const rates = dropoutRates(dropout);
  const rows = batch * length;
  writeVision(memory, places, shape, input);
  writeFeatures(memory, places, shape, input);
  memory.i32(work.tokens, rows).set(tokens);
  memory.i32(work.targets, rows).set(targets);
  if (starts !== undefined) memory.i32(work.starts, rows).set(starts);
  memory.f32(work.factors, rows).fill(1);
  const view = new DataView(memory.memory.buffer);
  const borders = starts === undefined ? 0 : work.starts;
  const numbers = { batch, length, starts: borders, scale, seed, microbatch, rates };
  writeMicrobatch(view, training, numbers);
  if (encoder !== undefined) writeDropouts(view, encoder.training, numbers);
}
