import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

declare const __filename: string | undefined;

/** Address of this module, or of the bundle that it is part of: one in CommonJS has no address of a module. */
const HERE: string =
  import.meta.url ?? pathToFileURL(typeof __filename === 'string' ? __filename : `${process.cwd()}/`).href;

/** What to do if a file of the package is missing. */
export const BUNDLED =
  'if a bundler has put this package into a file of yours, mark it as external (esbuild --external:gpt2-wasm), so ' +
  'that its files stay beside its code';

/**
 * The address of a file of this package by its path in it. Of a bundle, which has no such files around it, the address
 * in the package as the bundle finds it installed; if it finds none, the file is not there.
 */
export function packageFile(path: string): URL {
  // From src/node/ and from build/esm/ the same relative address leads to the package.
  const beside = new URL(`../../${path}`, HERE);
  if (existsSync(beside)) return beside;
  try {
    return new URL(path, pathToFileURL(createRequire(HERE).resolve('gpt2-wasm/package.json')));
  } catch {
    return beside;
  }
}
