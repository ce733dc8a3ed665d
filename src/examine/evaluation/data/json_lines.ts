import { throwIfAborted } from '../../../base/errors.js';
import type { DataFile } from '../../../files/data_file.js';
import { parseJsonObject } from '../../../files/json.js';
import { readLines } from '../../../train/data/lines.js';
import type { Doc } from '../config/task_config.js';

/** The objects of a file with one in each line, at most `limit`. Throws `invalid-file` with the line. */
export async function readJsonLines(
  file: DataFile,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Doc[]> {
  const docs: Doc[] = [];
  for await (const { number, text } of readLines(file, signal)) {
    if (docs.length >= limit) break;
    throwIfAborted(signal, `reading ${file.name}`);
    docs.push(parseJsonObject(text, `${file.name} line ${number}`) as Doc);
  }
  return docs;
}
