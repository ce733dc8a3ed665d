import { createReadStream } from 'node:fs';
import { Gpt2Error, throwIfAborted } from '../../base/errors.js';
import { stdinFile } from '../../files/folder/data_files.js';
import { fileError } from '../../host/file_error.js';

/** Most bytes that are read as a whole: devices and pipes may have no end. */
export const MOST_BYTES = 2 ** 28;
const CHUNK_BYTES = 2 ** 18;

/** The bytes of a file, or of stdin for `-`. Throws `not-found`, `storage`, `aborted`, and `invalid-file` for too many. */
export async function readBytes(path: string, signal: AbortSignal): Promise<Uint8Array> {
  return path === '-' ? wholeOf(stdinFile().read(signal), 'stdin') : readFileBytes(path, signal);
}

/** The bytes of a file, with the errors of `readBytes`. */
export async function readFileBytes(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  try {
    return await wholeOf(createReadStream(path, { signal, highWaterMark: CHUNK_BYTES }), shownPath(path));
  } catch (error) {
    throwIfAborted(signal, `reading ${path}`);
    throw fileError(error, shownPath(path), 'read');
  }
}

/** All bytes of a stream, which messages call `name`. Throws `invalid-file` if there are more than `most`. */
export async function wholeOf(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  most = MOST_BYTES,
): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > most) {
      throw new Gpt2Error(
        'invalid-file',
        `${name} has more than ${most} bytes, the most that are read as a whole`,
      );
    }
    kept.push(chunk);
  }
  return Buffer.concat(kept);
}

/** A path in a message, where an empty one would not be seen. */
const shownPath = (path: string): string => path || '""';
