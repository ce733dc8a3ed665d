import type { ModelTarget } from './target.js';

/** Collects the files of a model as File objects, which browsers may move to disk. */
export class MemoryTarget implements ModelTarget {
  readonly name = 'memory';
  readonly #files = new Map<string, File>();

  get files(): readonly File[] {
    return [...this.#files.values()];
  }

  async write(path: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    this.#files.set(path, await fileOf(path, chunks));
  }

  async remove(path: string): Promise<void> {
    this.#files.delete(path);
  }

  async commit(): Promise<void> {}

  async discard(): Promise<void> {
    this.#files.clear();
  }
}

/** Makes a file of chunks. The producer may change a chunk once the next one is requested. */
export async function fileOf(
  name: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<File> {
  const parts: Blob[] = [];
  for await (const chunk of chunks) parts.push(new Blob([chunk as Uint8Array<ArrayBuffer>]));
  return new File(parts, name);
}
