import { type CoreIdentity, identityOf } from '../core/saving/identity.js';
import { loadedModels } from '../generate/loaded_models.js';
import type { Model } from '../model/model.js';

/** Operation: what the bits of a model's results depend on, with a hash of its weights. */
export async function modelIdentity(model: Model): Promise<CoreIdentity> {
  return identityOf(loadedModels.get(model)!.core as Parameters<typeof identityOf>[0]);
}
