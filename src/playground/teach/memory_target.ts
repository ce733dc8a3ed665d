import type { ModelTarget } from '../../files/target.js';

/** Keeps a model's files as the browser keeps files, which may be on disk. */
export class MemoryTarget implements ModelTarget {
  readonly name = 'the page';
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

/** A file from chunks that may be changed once the next one is asked for. */
export async function fileOf(
  name: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<File> {
  const parts: Blob[] = [];
  for await (const chunk of chunks) parts.push(new Blob([chunk as Uint8Array<ArrayBuffer>]));
  return new File(parts, name);
}
