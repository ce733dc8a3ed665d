// Only in the build for runtimes with Node's modules.
import { dirname } from 'node:path';
import { Gpt2Error } from '../../base/errors.js';
import { makeFolder } from '../folder/make_folder.js';
import { type OnBytes, PartialFile } from './partial_file.js';
import { fetchBytes, type RepositoryFile, wrongBytes } from './repository_file.js';

/**
 * Downloads a file to the path `blob`, resuming an earlier download, and checks its length and hash before it
 * gets that name. If the download fails, its bytes are kept for the next one unless they are wrong. Throws
 * `not-found` or `network` if the hub gives no bytes, `invalid-file` for wrong ones, and `aborted`.
 */
export async function downloadBlob(
  from: RepositoryFile,
  blob: string,
  signal: AbortSignal | undefined,
  onBytes: OnBytes,
): Promise<void> {
  const { byteLength, hash } = from.file;
  await makeFolder(dirname(blob));
  const partial = await PartialFile.open(blob, from.file, onBytes);
  const fetchRest = async (): Promise<string> => {
    for await (const bytes of fetchBytes(from, partial.loaded, byteLength, signal))
      await partial.append(bytes);
    return partial.digest();
  };
  try {
    let digest = await fetchRest();
    if (digest !== hash.hex && partial.cached > 0) {
      // The bytes of an earlier download may be the wrong ones.
      await partial.restart();
      digest = await fetchRest();
    }
    if (digest !== hash.hex) {
      throw wrongBytes(
        from,
        `came with the ${hash.algorithm} ${digest}, but the hub lists it with ${hash.hex}`,
      );
    }
  } catch (error) {
    if (error instanceof Gpt2Error && error.code === 'invalid-file') await partial.remove();
    else await partial.leave();
    throw error;
  }
  await partial.keep();
}
