import { loadModel, loadTokenizer } from '../../../build/esm/index.js';
import { scriptedModel } from '../models/scripted_model.mjs';
import { write } from './write.mjs';

const tokenizer = await loadTokenizer(new URL('../../../tests/fixtures/gpt2-tokenizer/', import.meta.url));

/** gpt2-wasm with models that know a text by heart, one after the other. */
export async function load({ folder, ...options }) {
  let model;
  return {
    /** Loads the model that continues a prompt of n tokens with ids[n], ids[n + 1], ... */
    async learn(ids) {
      model?.dispose();
      model = await loadModel(scriptedModel(folder, ids), { ...options, tokenizer });
    },
    write: (work) => write(model, work),
  };
}
