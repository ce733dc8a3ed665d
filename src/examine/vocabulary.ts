import { loadedModels } from '../generate/loaded_models.js';
import { type VocabularySample, vocabularySample } from '../generate/same_vocabulary.js';
import type { Model } from '../model/model.js';

/** Operation: a sample of the model's vocabulary, to compare it with that of another model. */
export async function vocabulary(model: Model): Promise<VocabularySample> {
  return vocabularySample(loadedModels.get(model)!);
}
