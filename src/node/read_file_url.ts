import { readFile } from 'node:fs/promises';

/** The bytes of a `file:` URL, which `fetch` does not read in Node. */
export async function readFileUrl(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(url));
}
