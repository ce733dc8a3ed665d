import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const INSTALLED = fileURLToPath(new URL('../../node_modules', import.meta.url));
const COPY = fileURLToPath(new URL('../../build/llama/node_modules', import.meta.url));
const OWN = ['node-llama-cpp', '@node-llama-cpp'];

/**
 * node-llama-cpp without llama.cpp's kernels for AMX: those of 3.22.1 compute some small quantized matrices wrongly, with
 * results that differ from exact ones by as much as these are large, or NaN. The package is copied, since it looks
 * for its libraries beside itself.
 */
export async function importLlamaWithoutAmx() {
  rmSync(COPY, { recursive: true, force: true });
  mkdirSync(COPY, { recursive: true });
  for (const name of readdirSync(INSTALLED)) {
    if (OWN.includes(name))
      cpSync(join(INSTALLED, name), join(COPY, name), {
        recursive: true,
        filter: (path) => !path.includes('sapphirerapids'),
      });
    else symlinkSync(join(INSTALLED, name), join(COPY, name), 'junction');
  }
  return import(new URL('../../build/llama/node_modules/node-llama-cpp/dist/index.js', import.meta.url));
}
