import { readFile } from 'node:fs/promises';
import * as transformers from '@huggingface/transformers';
import { loadTransformers } from './captions_transformers.mjs';

export async function load({ folder, ...spec }) {
  const picture = new Blob([await readFile(`${folder}/picture.jpg`)]);
  return loadTransformers(transformers, { folder, picture, device: 'cpu', ...spec });
}
