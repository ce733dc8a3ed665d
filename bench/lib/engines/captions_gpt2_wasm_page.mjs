import { loadCaptioner } from '../../../build/web/vision.js';
import { loadWasmCaptioner } from './captions_gpt2_wasm.mjs';

export async function load({ folder, ...spec }) {
  const picture = await (await fetch(`${folder}/picture.jpg`)).blob();
  return loadWasmCaptioner(loadCaptioner, new URL(`${folder}/`, location.href), { picture, ...spec });
}
