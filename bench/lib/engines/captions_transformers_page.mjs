import * as transformers from '../../node_modules/@huggingface/transformers/dist/transformers.js';
import { loadTransformers } from './captions_transformers.mjs';
import { setUpPage } from './transformers.mjs';

export async function load({ folder, ...spec }) {
  const picture = await (await fetch(`${folder}/picture.jpg`)).blob();
  setUpPage(transformers.env, spec.threads);
  return loadTransformers(transformers, { folder, picture, device: 'wasm', ...spec });
}
