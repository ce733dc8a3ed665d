import { readFile } from 'node:fs/promises';
import { Gpt2Error } from '../base/errors.js';
import { fileError, isAbsent } from './file_error.js';
import { BUNDLED, packageFile } from './package_files.js';

/** Compiles a binary of the package by its name. Throws `not-found` if the file is missing, and `storage`. */
export async function compileFile(name: string): Promise<WebAssembly.Module> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(packageFile(`build/wasm/${name}`));
  } catch (cause) {
    if (!isAbsent(cause)) throw fileError(cause, name, 'read');
    throw new Gpt2Error(
      'not-found',
      `${name} cannot be read: ${(cause as Error).message}; ${BUNDLED}, or pass loadModel a module compiled from ` +
        `gpt2-wasm/wasm/${name}`,
      { cause },
    );
  }
  return WebAssembly.compile(new Uint8Array(bytes));
}
