import { counted } from '../../base/counted.js';
import type { DataFile } from '../../files/data_file.js';
import { dataFiles } from '../../files/folder/data_files.js';
import { note } from '../terminal/output.js';

/** Skipped files that are named; the others are counted. */
const NAMED_FILES = 5;

/** The data files at paths, and the files of folders that are not read, which are told unless `quiet`. */
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
      `skipped ${skipped.slice(0, NAMED_FILES).join(', ')}${more}: their names do not end as those of text do`,
    );
  }
  return { files, skipped };
}
