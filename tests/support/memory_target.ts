import type { ModelTarget } from '../../src/files/target.js';

/** A target that keeps its files in `files`. */
export function memoryTarget(): ModelTarget & { readonly files: Record<string, Uint8Array> } {
  const files: Record<string, Uint8Array> = {};
  let changes = new Map<string, Uint8Array | undefined>();
  return {
    name: 'memory',
    files,
    async write(path, chunks) {
      const parts: Uint8Array[] = [];
      for await (const chunk of chunks) parts.push(chunk.slice());
      changes.set(path, new Uint8Array(Buffer.concat(parts)));
    },
    async remove(path) {
      changes.set(path, undefined);
    },
    async commit() {
      for (const [path, bytes] of changes) {
        if (bytes === undefined) delete files[path];
        else files[path] = bytes;
      }
      changes = new Map();
    },
    async discard() {
      changes = new Map();
    },
  };
}
