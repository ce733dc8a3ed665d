import type { ModelConfig } from '../../architecture/gpt2/config.js';
import type { Parameter } from '../../architecture/gpt2/parameters.js';
import type { CoreMemory } from '../memory.js';
import { isUsedPacked, placePacked, placesFrom } from './packed.js';
import { muonWeights, parameterBytes, trainingParameters } from './parameters.js';
import type { TrainingShape } from './shape.js';

/**
 * Reserves weights, gradients, first and second moments, the frozen weights in f32, and packed matrices. Trained
 * matrices are before vectors; those that Muon updates are the first, and have no second moments.
 */
export function placeWeights(memory: CoreMemory, config: ModelConfig, shape: TrainingShape) {
  const { trained, frozen } = trainingParameters(config, shape);
  const muons = muonWeights(config, shape);
  const packed = placePacked(memory, config, shape);
  const kept = frozen.filter(({ name }) => !isUsedPacked(packed, name, false));
  const isVector = ({ kind }: Parameter) => kind === 'vector';
  const ofMuon = new Set(muons.map(({ name }) => name));
  const others = trained.filter(({ name }) => !ofMuon.has(name));
  const matrices = [...muons, ...others.filter((parameter) => !isVector(parameter))];
  const partBytes = parameterBytes(trained);
  const muonBytes = parameterBytes(muons);
  const weights = memory.reserve(4 * partBytes - muonBytes);
  return {
    weights,
    matrixBytes: parameterBytes(matrices),
    partBytes,
    toSecondMoment: 3 * partBytes - muonBytes,
    trained: placesFrom(weights, [...matrices, ...others.filter(isVector)], 'f32'),
    withSecondMoment: new Set(others.map(({ name }) => name)),
    frozen: placesFrom(memory.reserve(parameterBytes(kept)), kept, 'f32'),
    packed,
  };
}
