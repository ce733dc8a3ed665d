import { Gpt2Error } from '../../base/errors.js';
import { isAdapter, isModelFile } from '../../checkpoints/model_files.js';
import type { ModelFiles } from '../../files/model_files.js';
import type { Adapter } from './model_request.js';

/** A model or an adapter that the user dropped or chose. */
export type GivenFiles =
  | { readonly kind: 'model'; readonly name: string; readonly files: ModelFiles }
  | { readonly kind: 'adapter'; readonly adapter: Adapter };

/** Most nested folders, and most files, that are searched for a model. */
const MOST_DEPTH = 4;
const MOST_FILES = 10_000;

type FilesByPath = ReadonlyMap<string, File>;

/**
 * The model or adapter in files chosen in a dialog: a folder, whose paths begin with its name, or single
 * files.
 */
export function chosenFiles(list: Iterable<File>): Promise<GivenFiles | undefined> {
  return givenFiles(new Map([...list].map((file) => [file.webkitRelativePath || file.name, file])));
}

/** Whether a folder is among what was dropped. */
export function hasFolder({ items }: DataTransfer): boolean {
  return [...items].some((item) => item.webkitGetAsEntry()?.isDirectory);
}

/** The model or adapter in dropped files and folders. */
export async function droppedFiles({ items, files }: DataTransfer): Promise<GivenFiles | undefined> {
  // The transfer is empty after the first await.
  const entries = [...items].map((item) => item.webkitGetAsEntry());
  const loose = [...files];
  if (!entries.some((entry) => entry?.isDirectory)) return chosenFiles(loose);
  const found = new Map<string, File>();
  for (const entry of entries) if (entry !== null) await collect(entry, '', 0, found);
  return givenFiles(found);
}

async function collect(
  entry: FileSystemEntry,
  before: string,
  depth: number,
  found: Map<string, File>,
): Promise<void> {
  const path = `${before}${entry.name}`;
  if (found.size >= MOST_FILES || depth > MOST_DEPTH) return;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    found.set(path, file);
    return;
  }
  // Hidden folders, such as the .git of a clone, hold no part of a model.
  if (depth > 0 && entry.name.startsWith('.')) return;
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    // Each call gives some of the entries; an empty list marks the end.
    if (entries.length === 0) return;
    for (const inner of entries) await collect(inner, `${path}/`, depth + 1, found);
  }
}

/**
 * Finds the model or adapter in files, in any folder or in a .zip file. If none is recognized, the files of
 * the topmost folder are taken for a model. `undefined` if there are no files. Throws `invalid-option` if
 * there are several models.
 */
async function givenFiles(byPath: FilesByPath): Promise<GivenFiles | undefined> {
  const [first] = byPath.values();
  if (first === undefined) return undefined;
  if (byPath.size === 1 && /\.zip$/i.test(first.name)) {
    const { unzip } = await import('./zip.js');
    const found = givenIn(await unzip(first), first.name.replace(/\.zip$/i, ''));
    if (found === undefined) throw new Gpt2Error('not-found', `${first.name} is empty`);
    return found;
  }
  return givenIn(byPath);
}

function givenIn(byPath: FilesByPath, archive?: string): GivenFiles | undefined {
  const folders = new Map<string, File[]>();
  for (const [path, file] of byPath) {
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    const others = folders.get(folder);
    if (others === undefined) folders.set(folder, [file]);
    else others.push(file);
  }
  if (folders.size === 0) return undefined;
  const candidates = [...folders].filter(
    ([, files]) => namesOf(files).some((name) => isModelFile(name)) || isAdapter(namesOf(files)),
  );
  const depth = candidates.reduce(
    (least, [folder]) => Math.min(least, depthOf(folder)),
    Number.POSITIVE_INFINITY,
  );
  const highest = candidates.filter(([folder]) => depthOf(folder) === depth);
  if (highest.length > 1) {
    const names = highest.map(([folder]) => folder || 'the top').join(', ');
    throw new Gpt2Error('invalid-option', `there are several models: in ${names}; give only one of them`);
  }
  // If nothing is recognized, loading the files gives the best message.
  const top = [...folders].sort(([a], [b]) => depthOf(a) - depthOf(b))[0]!;
  const [folder, files] = highest[0] ?? top;
  return given(files, folder || archive);
}

function given(files: readonly File[], folder: string | undefined): GivenFiles {
  const own = files.map(plain);
  const [first] = own;
  if (isAdapter(namesOf(own))) {
    return { kind: 'adapter', adapter: { name: folder ?? 'an adapter', files: own } };
  }
  if (own.length === 1) return { kind: 'model', name: first!.name, files: first! };
  return { kind: 'model', name: folder ?? `model of ${own.length} files`, files: own };
}

/** The file without its path in the chosen folder, which would be taken for its path in the model. */
function plain(file: File): File {
  const { name, type, lastModified } = file;
  return file.webkitRelativePath === '' ? file : new File([file], name, { type, lastModified });
}

const namesOf = (files: readonly File[]) => files.map(({ name }) => name);

const depthOf = (folder: string) => (folder === '' ? 0 : folder.split('/').length);
