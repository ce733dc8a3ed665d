import { readFile } from 'node:fs/promises';

/** Compiles a file of the package. */
export async function compileFile(url: URL): Promise<WebAssembly.Module> {
  return WebAssembly.compile(new Uint8Array(await readFile(url)));
}
