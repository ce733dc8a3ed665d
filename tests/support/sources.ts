import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Gpt2Error, throwIfAborted } from '../../src/base/errors.js';
import type { ModelSource } from '../../src/files/source.js';

const TESTS = fileURLToPath(new URL('..', import.meta.url));

/** A source of files in memory, text given as UTF-8. Every read returns a copy, as a network would. */
export function memorySource(name: string, files: Record<string, Uint8Array | string>): ModelSource {
  const contents = new Map<string, Uint8Array>();
  for (const [path, content] of Object.entries(files)) {
    contents.set(path, typeof content === 'string' ? new TextEncoder().encode(content) : content);
  }
  return {
    name,
    async list(signal) {
      throwIfAborted(signal, `listing ${name}`);
      return [...contents].map(([path, bytes]) => ({ path, byteLength: bytes.length }));
    },
    async read(path, start, end, signal) {
      throwIfAborted(signal, `reading ${path}`);
      const bytes = contents.get(path);
      if (bytes === undefined) throw new Gpt2Error('not-found', `${name} has no file ${path}`);
      return new Uint8Array(bytes.subarray(start, end));
    },
  };
}

/** Every file below a folder of tests/, such as `fixtures/checkpoints/base`. */
export function folderFixture(relativePathUnderTests: string): ModelSource {
  const root = join(TESTS, relativePathUnderTests);
  const files: Record<string, Uint8Array> = {};
  for (const entry of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const path = join(root, entry);
    if (statSync(path).isFile()) files[relative(root, path).split(sep).join('/')] = readFileSync(path);
  }
  return memorySource(relativePathUnderTests, files);
}
