import { readFileSync } from 'node:fs';
import { loadModel, type Model } from '../../src/index.js';

/** The folder of the model that transformers' results for `generate` were computed with. */
export const LM = new URL('../fixtures/lm/', import.meta.url);

const models = new Map<string, Promise<Model>>();

/** The model with these end-of-text tokens. */
export function lmModel(ends: readonly number[]): Promise<Model> {
  const key = ends.join();
  const model = models.get(key) ?? load(ends);
  models.set(key, model);
  return model;
}

async function load(ends: readonly number[]): Promise<Model> {
  const read = (name: string) => readFileSync(new URL(name, LM));
  const config = { ...JSON.parse(read('config.json').toString()), eos_token_id: ends };
  const files = {
    'config.json': new TextEncoder().encode(JSON.stringify(config)),
    'model.safetensors': new Uint8Array(read('model.safetensors')),
  };
  return loadModel(files, { build: 'simd' });
}

export async function disposeLmModels(): Promise<void> {
  for (const model of models.values()) (await model).dispose();
  models.clear();
}
