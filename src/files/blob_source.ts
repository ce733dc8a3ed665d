import { Gpt2Error, throwIfAborted } from '../base/errors.js';
import { isBlob } from '../base/realms.js';
import type { FileContent } from './model_files.js';
import type { ModelSource } from './source.js';

/** A source of files in memory or chosen by the user. */
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
 * The error for a chosen file that can no longer be read, because it was removed, changed or locked since.
 */
export function blobError(error: unknown, name: string): Gpt2Error {
  const { name: kind, message } = error as Error;
  return new Gpt2Error(
    kind === 'NotFoundError' ? 'not-found' : 'storage',
    `${name} cannot be read: ${message}; choose the file again`,
    { cause: error },
  );
}
