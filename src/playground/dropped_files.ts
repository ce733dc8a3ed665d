import type { ModelFiles } from '../blob_source.js';

/** The files of a model that were dropped or chosen. */
export interface GivenFiles {
  readonly files: ModelFiles;
  readonly name: string;
}

/** A list of files as a model; `name` is that of their folder, where it is known. */
export function givenFiles(list: Iterable<File>, name?: string): GivenFiles | undefined {
  const files = [...list];
  const [first] = files;
  if (first === undefined) return undefined;
  const folder = name ?? first.webkitRelativePath.split('/')[0];
  if (files.length === 1) return { files: first, name: first.name };
  return { files, name: folder || `${files.length} files` };
}

/** What was dropped: files, or the files that lie directly in a folder. */
export async function droppedFiles({ items, files }: DataTransfer): Promise<GivenFiles | undefined> {
  // Once something is awaited, the transfer is empty.
  const entries = [...items].map((item) => item.webkitGetAsEntry());
  const loose = [...files];
  const folder = entries.find((entry) => entry?.isDirectory) as FileSystemDirectoryEntry | undefined;
  return folder ? givenFiles(await filesIn(folder), folder.name) : givenFiles(loose);
}

async function filesIn(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const reader = folder.createReader();
  const files: File[] = [];
  // A reader gives some entries at a time, and none at the end.
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (entries.length === 0) return files;
    const found = entries.filter(({ isFile }) => isFile) as FileSystemFileEntry[];
    files.push(...(await Promise.all(found.map((entry) => new Promise<File>((r, e) => entry.file(r, e))))));
  }
}
