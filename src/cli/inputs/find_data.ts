import { counted } from '../../base/counted.js';
import type { DataFile } from '../../files/data_file.js';
import { dataFiles } from '../../files/folder/data_files.js';
import { note } from '../terminal/output.js';

/** Help of an argument that names data. */
export const DATA = 'files and folders of text';

/** Paragraph of the help that explains how files hold texts. */
export const DATA_FORMATS = `
A text file holds documents separated by <|endoftext|>. A .jsonl or .ndjson file
holds an object on each line, with "text", or with "prompt" and "completion". Of
a folder, the .txt, .md, .jsonl and .ndjson files in it and in its folders are
read. Files that end with .gz are decompressed.`;

/** Number of skipped files that are named; the others are counted. */
const NAMED_FILES = 5;

/** Finds the data files at paths. Lists on stderr, unless `quiet`, the files in folders that are skipped. */
export async function findData(
  paths: readonly string[],
  quiet: boolean | undefined,
): Promise<{ readonly files: DataFile[]; readonly skipped: readonly string[] }> {
  const skipped: string[] = [];
  const files = await dataFiles(paths, { onSkip: (path) => skipped.push(path) });
  if (skipped.length > 0 && !quiet) {
    const rest = skipped.length - NAMED_FILES;
    const more = rest > 0 ? ` and ${counted(rest, 'more file')}` : '';
    note(
      `skipped ${skipped.slice(0, NAMED_FILES).join(', ')}${more}: their names do not end like text files`,
    );
  }
  return { files, skipped };
}
