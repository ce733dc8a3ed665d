import { dirname } from 'node:path';
import { Gpt2Error } from '../../base/errors.js';
import { makeFolder } from '../folder/make_folder.js';
import { fetchTo, type RemoteFile, wrongBytes } from './fetch_bytes.js';
import { type OnBytes, PartialFile } from './partial_file.js';

/**
 * Brings the bytes of a file to the path `blob`, going on where an earlier download ended, and checks their number
 * and hash before they get that name. What came is kept for the next attempt unless it is wrong.
 *
 * Throws `not-found` or `network` where the hub gives no bytes, `invalid-file` for wrong ones, and `aborted`.
 */
export async function downloadBlob(
  remote: RemoteFile,
  blob: string,
  signal: AbortSignal | undefined,
  onBytes: OnBytes,
): Promise<void> {
  const { byteLength, hash } = remote.file;
  await makeFolder(dirname(blob));
  const partial = await PartialFile.open(blob, remote.file, onBytes);
  const fetchRest = async (): Promise<string> => {
    await fetchTo(remote, partial, byteLength, signal);
    return partial.digest();
  };
  try {
    let digest = await fetchRest();
    if (digest !== hash.hex && partial.cached > 0) {
      // What an earlier download has left may be what is wrong.
      await partial.restart();
      digest = await fetchRest();
    }
    if (digest !== hash.hex) {
      throw wrongBytes(
        remote,
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
