import { asBytes, type Bytes } from '../base/bytes.js';
import { isBlob } from '../base/realms.js';

/** The bytes of one file, in memory or on disk. */
export type FileBytes = Blob | ArrayBuffer | ArrayBufferView;

/**
 * The files of a model as a page or a bundle has them: those of a dropped or chosen folder (a FileList or an
 * array), a record from path to bytes, or a .gguf file alone.
 */
export type ModelFiles = FileBytes | ArrayLike<File> | Readonly<Record<string, FileBytes>>;

/** A file as it is read. */
export type FileContent = Blob | Bytes;

/** The files of `ModelFiles` by path, `undefined` for anything else. Nothing is copied. */
export function filesByPath(files: unknown): Map<string, FileContent> | undefined {
  const alone = content(files);
  if (alone !== undefined) return new Map([[isFile(files) ? files.name : 'model.gguf', alone]]);
  if (typeof files !== 'object' || files === null) return undefined;
  const contents = new Map<string, FileContent>();
  if (isList(files)) {
    // A sparse array may be longer than the memory holds: the first entry that is not a file ends the loop.
    for (let i = 0; i < files.length; i++) {
      const file = files[i];
      if (!isFile(file)) return undefined;
      // Paths begin with the name of the chosen folder; files that were dropped one by one have only a name.
      contents.set(file.webkitRelativePath?.replace(/^[^/]*\//, '') || file.name, file);
    }
    return contents;
  }
  for (const [path, bytes] of Object.entries(files)) {
    const found = content(bytes);
    if (found === undefined) return undefined;
    contents.set(path, found);
  }
  return contents.size > 0 ? contents : undefined;
}

function content(value: unknown): FileContent | undefined {
  return isBlob(value) ? value : asBytes(value);
}

function isFile(value: unknown): value is File {
  return isBlob(value) && typeof (value as Partial<File>).name === 'string';
}

function isList(files: object): files is ArrayLike<unknown> {
  return Array.isArray(files) || Object.prototype.toString.call(files) === '[object FileList]';
}
