import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { writeModel } from '../abi/model_struct.js';
import { isUsedPacked, writePacked } from './packed.js';
import type { TrainPlaces } from './place.js';

/** Inference alone uses these fields of a MODEL. */
export const NO_SCRATCH = { x: 0, normed: 0, qkv: 0, hidden: 0, quantized: 0, scratch: 0, scratchBytes: 0 };
/** Addresses of weights in f32 by name. */
export function weightIn({ trained, frozen }: TrainPlaces): (name: string) => number {
  return (name) => (trained.get(name) ?? frozen.get(name))!;
}

/** Writes the MODEL, and which of its matrices are read in the quantized format: trained ones if it is `inForce`. */
export function writeDecoder(
  view: DataView,
  config: ModelConfig,
  places: TrainPlaces,
  inForce: boolean,
): void {
  const { model, packed, cross } = places;
  const inF32 = weightIn(places);
  const isPacked = (name: string) => isUsedPacked(packed, name, inForce);
  const weight = (name: string) => (isPacked(name) ? packed!.places.get(name)! : inF32(name));
  const weights = isPacked('wte.weight') ? packed!.format : 'f32';
  writeModel(
    view,
    config,
    { weights, kv: 'f32' },
    { ...NO_SCRATCH, model, weight, cross: cross?.layers ?? 0 },
  );
  if (packed !== undefined) writePacked(view, packed, inForce, inF32);
}
