import { readFile } from 'node:fs/promises';
import { loadCaptioner } from '../../../build/esm/vision.js';
import { loadWasmCaptioner } from './captions_gpt2_wasm.mjs';

export async function load({ folder, ...spec }) {
  const picture = new Blob([await readFile(`${folder}/picture.jpg`)]);
  return loadWasmCaptioner(loadCaptioner, folder, { picture, ...spec });
}
