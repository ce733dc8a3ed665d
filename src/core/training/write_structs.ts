import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { type LoraShape, loraParameters, targetParameters } from '../../architecture/gpt2/lora.js';
import { type AdapterAddresses, writeAdapters } from '../abi/adapter_struct.js';
import { writeModel } from '../abi/model_struct.js';
import { logitsTile, type TrainingShape } from './layout.js';
import type { TrainPlaces } from './place.js';
import { writeTraining } from './structs.js';

/** Inference alone uses these fields of a MODEL. */
const NO_SCRATCH = { x: 0, normed: 0, qkv: 0, hidden: 0, quantized: 0, scratch: 0, scratchBytes: 0 };

/** Writes the structures that training begins with: model, adapters and TRAINING. */
export function writeStructs(
  view: DataView,
  config: ModelConfig,
  shape: TrainingShape,
  places: TrainPlaces,
): void {
  const { model, partBytes, weights, matrixBytes, activations, work, scratch, scratchBytes } = places;
  const { lora } = shape;
  const weight = (name: string) => (lora ? places.frozen : places.trained).get(name)!;
  writeModel(view, config, { weights: 'f32', kv: 'f32' }, { ...NO_SCRATCH, model, weight });
  if (lora !== undefined) writeTrainedAdapter(view, config, lora, places);
  const tile = logitsTile(config, shape.batch * shape.length);
  writeTraining(view, places.training, {
    ...{ model, weights, matrixBytes, scratch, scratchBytes, ...activations, ...work },
    recompute: shape.recompute ? 1 : 0,
    weightBytes: partBytes,
    toGradient: partBytes,
    toFirstMoment: 2 * partBytes,
    toSecondMoment: 3 * partBytes,
    adapters: lora === undefined ? 0 : places.adapters,
    adapterScale: lora === undefined ? 0 : lora.alpha / lora.rank,
    logitsStride: tile.stride,
    tileRows: tile.rows,
  });
}

/**
 * Writes the array that leads from the model's matrices to the trained adapter; they share the memory of x A.
 */
function writeTrainedAdapter(
  view: DataView,
  config: ModelConfig,
  { rank, targets }: LoraShape,
  { trained, adapters, work }: TrainPlaces,
): void {
  const { xa } = work;
  const entries = targetParameters(config, targets).map((parameter): [string, AdapterAddresses] => {
    const { a, b } = loraParameters(parameter, rank);
    return [parameter.name, { a: trained.get(a.name)!, b: trained.get(b.name)!, rank, xa }];
  });
  const byName = new Map(entries);
  writeAdapters(view, adapters, config, (name) => byName.get(name));
}
