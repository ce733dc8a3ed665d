import { Gpt2Error } from '../../base/errors.js';
import { withSource } from '../../files/open_source.js';
import { readExactly } from '../../files/read.js';
import type { ModelSource, SourceFile } from '../../files/source.js';
import type { Source } from '../../files/source_options.js';
import type { WantedFiles } from '../../files/wanted_files.js';
import { naturalOrder } from './natural_order.js';

const IMAGE = /^[^/]+\.(?:png|jpe?g|webp|gif|bmp|avif)$/i;

/** Servers list no files, and images have no names that could be asked for. */
const IMAGES: WantedFiles = {
  extensions: [],
  search: () =>
    Promise.reject(
      new Gpt2Error('invalid-option', 'frames are read from a folder or from given files, not from a URL'),
    ),
};

/** The images of a source in the order of their names. Throws `not-found` if there is none. */
export async function imagesIn(files: ModelSource, signal?: AbortSignal): Promise<SourceFile[]> {
  const listed = await files.list(signal);
  const images = listed.filter(({ path }) => IMAGE.test(path));
  if (images.length > 0) return images.sort((a, b) => naturalOrder(a.path, b.path));
  throw new Gpt2Error('not-found', `${files.name} has no images: files that end with .png or .jpg`);
}

/** The bytes of all images of a folder or of given files, each read when it is asked for. */
export async function* eachImage(
  source: Source,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const files = await withSource(source, { wanted: IMAGES, signal }, async (files) => files);
  for (const { path, byteLength } of await imagesIn(files, signal)) {
    yield await readExactly(files, path, 0, byteLength, signal);
  }
}
