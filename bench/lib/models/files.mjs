import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../../scripts/run.mjs';
import { writeOnnx } from './onnx_graph.mjs';
import { randomModel } from './random_model.mjs';
import { openSafetensors } from './safetensors.mjs';

const CACHE = fileURLToPath(new URL('../../.cache', import.meta.url));

/** transformers.js's names. */
const ONNX = { f32: 'model.onnx', q8: 'model_quantized.onnx', q4: 'model_q4.onnx' };

/** GGUF has no smaller loss than f16 from gpt2-wasm's convert; its rows say so. */
export const GGUF_WEIGHTS = { f32: 'f16', q8: 'q8', q4: 'q4' };

/**
 * The same random 124M model as a folder of safetensors, as GGUF and as ONNX in a weight format; what is missing
 * is written. Paths are relative to the project. In place of a file that could not be made stands an Error.
 */
export function modelFiles(weights) {
  const folder = randomModel(CACHE);
  return {
    folder: relative(root, folder),
    gguf: gguf(folder, GGUF_WEIGHTS[weights]),
    onnx: onnx(folder, weights),
  };
}

function onnx(folder, weights) {
  const path = join(folder, 'onnx', ONNX[weights]);
  if (!existsSync(path)) {
    mkdirSync(join(folder, 'onnx'), { recursive: true });
    const tensors = openSafetensors(join(folder, 'model.safetensors'));
    writeOnnx(path, '124M', weights, tensors.read);
    tensors.close();
  }
  return relative(root, path);
}

/** Written by gpt2-wasm itself: the bench also shows how llama.cpp runs such a file. */
function gguf(folder, weights) {
  const path = `${folder}.${weights}.gguf`;
  if (!existsSync(path)) {
    const unfinished = path.replace(/\.gguf$/, '.unfinished.gguf');
    const args = [join(root, 'build/esm/cli.js'), 'convert', folder, unfinished, '--weights', weights];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) return new Error(`gpt2-wasm convert: ${stderr.trim().split('\n')[0]}`);
    renameSync(unfinished, path);
  }
  return relative(root, path);
}
