import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

declare const __filename: string | undefined;

/**
 * Address of this module, or of the bundle that contains it; a bundle in CommonJS has no `import.meta.url`.
 */
const HERE: string =
  import.meta.url ?? pathToFileURL(typeof __filename === 'string' ? __filename : `${process.cwd()}/`).href;

/** Advice in the errors for missing files of the package. */
export const BUNDLED =
  'if a bundler has put this package into a file of yours, mark it as external (esbuild --external:gpt2-wasm), so ' +
  'that its files stay beside its code';

/**
 * The address of a file of this package, by its path in the package. From a bundle, which has no such files
 * beside it, it is the address in the installed package that the bundle can resolve; without one, the file
 * does not exist.
 */
export function packageFile(path: string): URL {
  // The package has the same address relative to src/host/ and to build/esm/.
  const beside = new URL(`../../${path}`, HERE);
  if (existsSync(beside)) return beside;
  try {
    return new URL(path, pathToFileURL(createRequire(HERE).resolve('gpt2-wasm/package.json')));
  } catch {
    return beside;
  }
}
