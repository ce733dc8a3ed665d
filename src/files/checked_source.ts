import { asBytes } from '../base/bytes.js';
import { invalidOption, show } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { isPromise } from '../base/is_promise.js';
import type { ModelSource, SourceFile } from './source.js';

/**
 * An object that reads, as a model source whose answers are checked: bytes may be of any view and realm.
 * Throws `invalid-option` for an object that is no source, now or when its answers show it.
 */
export function checkedSource(value: unknown): ModelSource {
  const source = (typeof value === 'object' && value !== null ? value : {}) as ModelSource;
  const { name, download } = source;
  if (typeof source.list !== 'function' || typeof source.read !== 'function' || typeof name !== 'string') {
    throw new Gpt2Error(
      'invalid-option',
      `${isPromise(value) ? 'a promise, which must be awaited first,' : show(value)} is no source of a model; ` +
        'give a path, an address, an id of the hub, files, or an object with a name and the functions list() and ' +
        'read(path, start, end)',
    );
  }
  return {
    name,
    async list(signal) {
      const files: unknown = await source.list(signal);
      if (Array.isArray(files) && Array.from(files).every(isSourceFile)) return files;
      throw invalidOption(`what list() of ${name} gives`, files, 'an array of { path, byteLength }');
    },
    async read(path, start, end, signal, into) {
      const found: unknown = await source.read(path, start, end, signal, into);
      const bytes = asBytes(found);
      if (bytes !== undefined) return bytes;
      throw invalidOption(`what read() of ${name} gives for ${path}`, found, 'a Uint8Array');
    },
    ...(download !== undefined && { download: (...args) => source.download!(...args) }),
  };
}

function isSourceFile(file: unknown): file is SourceFile {
  const { path, byteLength } = (file ?? {}) as Partial<SourceFile>;
  return typeof path === 'string' && Number.isSafeInteger(byteLength) && byteLength! >= 0;
}
