import { isBlob } from '../base/bytes.js';
import { Gpt2Error, throwIfAborted } from '../base/errors.js';
import type { FileContent } from './model_files.js';
import type { ModelSource } from './source.js';

/** Reads files that are at hand. */
export function blobSource(files: ReadonlyMap<string, FileContent>): ModelSource {
  const name = files.size === 1 ? [...files.keys()][0]! : `the ${files.size} given files`;
  return {
    name,
    async list(signal) {
      throwIfAborted(signal, `listing ${name}`);
      return [...files].map(([path, file]) => ({
        path,
        byteLength: isBlob(file) ? file.size : file.length,
      }));
    },
    async read(path, start, end) {
      const file = files.get(path);
      if (file === undefined) throw new Gpt2Error('not-found', `there is no file ${path} among ${name}`);
      if (!isBlob(file)) return file.subarray(start, end);
      try {
        return new Uint8Array(await file.slice(start, end).arrayBuffer());
      } catch (error) {
        throw blobError(error, path);
      }
    },
  };
}

/**
 * The error for a file that was chosen and can no longer be read: it is gone, or was changed or locked
 * meanwhile.
 */
export function blobError(error: unknown, name: string): Gpt2Error {
  const { name: kind, message } = error as Error;
  return new Gpt2Error(
    kind === 'NotFoundError' ? 'not-found' : 'storage',
    `${name} cannot be read: ${message}; choose the file again`,
    { cause: error },
  );
}
