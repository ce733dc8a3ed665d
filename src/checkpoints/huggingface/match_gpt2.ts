import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { modelParameters } from '../../architecture/gpt2/parameters.js';
import type { Checkpoint } from '../checkpoint.js';
import { byteLengthOf, matchTensors } from '../match.js';
import type { StoredModel } from '../stored_model.js';
import type { StoredTensor } from '../stored_tensor.js';
import { EMBEDDING, HEAD, huggingFaceModel, isTaskHead } from './names.js';

/**
 * The tensor of each parameter among stored ones, the head that is stored although it is tied, and those of heads for
 * other tasks. `within`: how the tensors are named if the model is a part of another one.
 */
export async function matchGpt2(
  source: string,
  config: ModelConfig,
  stored: readonly StoredTensor[],
  within = (model: StoredModel) => model,
): Promise<Pick<Checkpoint, 'tensors' | 'totalBytes' | 'storedHead' | 'taskHeads'>> {
  const storedModel = (isHeadAlone: boolean) => within(huggingFaceModel(source, config, isHeadAlone));
  const { canonicalName, nameOf } = storedModel(false);
  const names = new Set(stored.map(({ name }) => canonicalName(name)));
  const hasTiedHead = config.tiedHead && names.has(nameOf(HEAD));
  const isHeadAlone = hasTiedHead && !names.has(nameOf(EMBEDDING));
  const tensors = await matchTensors(
    modelParameters({ ...config, tiedHead: config.tiedHead && (!hasTiedHead || isHeadAlone) }),
    stored,
    storedModel(isHeadAlone),
  );
  const storedHead = hasTiedHead ? tensors.get(HEAD) : undefined;
  if (hasTiedHead) tensors.delete(HEAD);
  return { tensors, totalBytes: byteLengthOf(tensors), storedHead, taskHeads: stored.filter(isTaskHead) };
}
