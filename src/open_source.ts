import { assertModelSource, type ModelSource } from './weights/source.js';

/** Where a model is: the path or `file:` URL of a folder or a .gguf file, or an object that lists files and reads byte ranges. */
export type Source = string | URL | ModelSource;

/** The reader for a source. Throws `not-found` and `invalid-option`. */
export async function openSource(source: Source): Promise<ModelSource> {
  if (typeof source === 'string' || source instanceof URL) {
    const { folderSource } = await import('./node/folder_source.js');
    return folderSource(source);
  }
  assertModelSource(source);
  return source;
}
