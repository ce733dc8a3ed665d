import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { folderSource } from '../../files/folder/folder_source.js';
import { imagesIn } from '../../vision/frames/images_in.js';
import { readBytes } from '../inputs/read_bytes.js';

/** An image on the command line, which is read when it has its turn. */
export interface NamedImage {
  /** Its path, or - for stdin. */
  readonly name: string;
  read(): Promise<Uint8Array>;
}

/**
 * The images of paths: files, - for stdin, and of folders all images in the order of their names. Throws
 * `not-found` for a folder without images.
 */
export async function namedImages(paths: readonly string[], signal: AbortSignal): Promise<NamedImage[]> {
  const images: NamedImage[] = [];
  const add = (name: string) => images.push({ name, read: () => readBytes(name, signal) });
  for (const path of paths) {
    // A path without a file is reported by reading it.
    const isFolder = path !== '-' && (await stat(path).catch(() => undefined))?.isDirectory();
    if (!isFolder) add(path);
    else for (const { path: file } of await imagesIn(await folderSource(path), signal)) add(join(path, file));
  }
  return images;
}
