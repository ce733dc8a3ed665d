import { invalidOption } from '../base/check_options.js';
import { withinMemory } from '../base/memory_error.js';
import { loadedModels } from '../generate/loaded_models.js';
import type { Model } from '../model/model.js';
import { remoteModels, type Work } from '../model/remote_models.js';
import type { AnyModel } from './any_model.js';
import { type ArgsOf, type OperationName, operationOf, type ResultOf } from './operations.js';

/** Throws `invalid-option` for a value that is no loaded model, in this thread or in a worker. */
export function checkModel(model: AnyModel, name = 'model'): void {
  if (!loadedModels.has(model) && !remoteModels.has(model)) {
    throw invalidOption(name, model, 'a model that was loaded');
  }
}

/** Runs an operation where the model is. Throws `invalid-option` if it is no model, and what the operation throws. */
export async function runOperation<K extends OperationName>(
  model: AnyModel,
  name: K,
  args: ArgsOf<K>,
  { signal, onProgress }: Work,
): Promise<ResultOf<K>> {
  checkModel(model);
  const work = { signal, onProgress };
  const remote = remoteModels.get(model);
  if (remote) return (await remote(name, args, work)) as ResultOf<K>;
  const operation = await operationOf(name);
  return withinMemory(operation(model as Model, args, work) as Promise<ResultOf<K>>);
}
