import { loadedModels } from '../../src/generate/loaded_models.js';
import type { Model } from '../../src/index.js';

/** A model whose streams fail after their first token. */
export function failingStreams(model: Model, error: Error): Model {
  const failing = new Proxy(model, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (name !== 'stream') return typeof value === 'function' ? value.bind(target) : value;
      return async function* () {
        yield { id: 1, index: 0, text: 'a' };
        throw error;
      };
    },
  });
  loadedModels.set(failing, loadedModels.get(model)!);
  return failing;
}
