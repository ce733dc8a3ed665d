// Reads and writes .zip files. Imported on demand, because it brings its library.
import { unzipSync, Zip, ZipPassThrough } from 'fflate/browser';
import { Gpt2Error } from '../../base/errors.js';

/** Most bytes of all files of an archive, which are unpacked in memory. */
const MOST_BYTES = 2 ** 31;
/** Most bytes of the files of a small archive, and for each byte of a larger one: weights hardly become smaller. */
const MOST_OF_SMALL = 2 ** 25;
const MOST_GROWTH = 32;
/** Fewest bytes of a file in the directory. */
const ENTRY_BYTES = 46;

/**
 * Puts files into an archive, in a folder with the archive's name, uncompressed: weights would not get
 * smaller.
 */
export async function zipOf(name: string, files: readonly File[]): Promise<File> {
  const parts: Blob[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, chunk) => {
    failure ??= error;
    // Browsers may move the data of a blob to disk.
    parts.push(new Blob([chunk as Uint8Array<ArrayBuffer>]));
  });
  for (const file of files) {
    const entry = new ZipPassThrough(`${name}/${file.name}`);
    zip.add(entry);
    const reader = file.stream().getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      entry.push(value);
    }
    entry.push(new Uint8Array(0), true);
  }
  zip.end();
  if (failure !== null) throw failure;
  return new File(parts, `${name}.zip`, { type: 'application/zip' });
}

/** Unpacks an archive into files by path. Throws `invalid-file`. */
export async function unzip(archive: File): Promise<Map<string, File>> {
  const wrong = (problem: string, cause?: unknown) =>
    new Gpt2Error('invalid-file', `${archive.name} ${problem}`, { cause });
  let total = 0;
  let count = 0;
  try {
    const entries = unzipSync(new Uint8Array(await archive.arrayBuffer()), {
      filter({ name, size, originalSize }) {
        total += Math.max(originalSize, Math.min(size, archive.size));
        // Room for a file is taken before it is unpacked.
        if (++count * ENTRY_BYTES > archive.size || total > MOST_OF_SMALL + MOST_GROWTH * archive.size)
          throw wrong('is damaged: it claims more files or bytes than it can have');
        if (total > MOST_BYTES) throw wrong('has more than 2 GiB of files; unpack it first');
        return !name.endsWith('/');
      },
    });
    const files = Object.entries(entries).map(([path, bytes]) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      return [path, new File([bytes as Uint8Array<ArrayBuffer>], name)] as const;
    });
    return new Map(files);
  } catch (error) {
    throw error instanceof Gpt2Error ? error : wrong('is not a .zip file, or is damaged', error);
  }
}
