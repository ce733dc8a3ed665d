import { blobSource, filesByPath, type ModelFiles } from './blob_source.js';
import { HttpSource } from './http/http_source.js';
import { openPath } from './platform.js';
import { assertModelSource, type ModelSource } from './weights/source.js';

/**
 * Where a model is: the address of a folder or a .gguf file (a path, a `file:` or `http:` URL), files at hand, or an
 * object that lists files and reads byte ranges.
 */
export type Source = string | URL | ModelFiles | ModelSource;

/** How files of another machine are handled. */
export interface SourceOptions {
  /**
   * Keep what is downloaded from a URL in the origin's storage, for the next time and for when there is no network.
   * Default true; without effect where there is no such storage, as in Node, or no room in it.
   */
  readonly cache?: boolean | undefined;
}

/** The reader for a source. Throws `not-found` and `invalid-option`. */
export async function openSource(source: Source, options: SourceOptions = {}): Promise<ModelSource> {
  if (typeof source === 'string' || source instanceof URL) {
    const isHttp = /^https?:\/\//i.test(String(source)) && URL.canParse(source);
    return isHttp ? new HttpSource(new URL(source), options) : openPath(source, options);
  }
  const files = filesByPath(source);
  if (files !== undefined) return blobSource(files);
  assertModelSource(source);
  return source;
}

/** Opens a source, uses it, and closes it where it was opened here. */
export async function withSource<R>(
  source: Source,
  options: SourceOptions,
  use: (files: ModelSource) => Promise<R>,
): Promise<R> {
  const files = await openSource(source, options);
  try {
    return await use(files);
  } finally {
    if (files !== source) await files.close?.();
  }
}
