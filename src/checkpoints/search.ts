import type { FileSearch } from '../files/wanted_files.js';
import type { CheckpointFormat, WantedKind } from './format.js';

/**
 * Names of files, of formats that are not read too: an address that ends so is that of a file, not of a
 * folder.
 */
const FILE_NAME =
  /\.(?:safetensors|gguf|bin|pt|pth|ckpt|index|onnx|h5|msgpack|json|txt|model|tiktoken|pkl)$/i;

/** How the files of a model are found at an address. */
export function search(formats: readonly CheckpointFormat[]): FileSearch {
  return {
    ...searchBase('model', formats),
    // Loaded only for folders: a model in one file needs no search.
    rest: async (found, ask) => (await import('./search_model.js')).searchModel(found, ask, formats),
  };
}

/** The parts that all searches share; `first` is the file to request first in a search for a model. */
export function searchBase(kind: WantedKind, formats: readonly CheckpointFormat[]): Omit<FileSearch, 'rest'> {
  return {
    right: async () => (await import('./right_files.js')).rightFiles(kind, formats),
    first: formats.flatMap(({ beside, weights }) => [...beside, ...weights])[0]!,
    isFile: (name) => FILE_NAME.test(name),
    beside: async (path) =>
      // A whole file of a usual format has none, and needs no further code.
      /^(?!.*-of-).*f$/.test(path) ? [] : (await import('./beside.js')).filesBeside(path, formats),
    isModel: async (bytes) =>
      (await import('./all_formats.js')).allOf(formats).some(({ begins }) => begins?.(bytes)),
  };
}
