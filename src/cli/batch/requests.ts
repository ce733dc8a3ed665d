import { stat } from 'node:fs/promises';
import { Gpt2Error } from '../../base/errors.js';
import { dataFiles } from '../../files/folder/data_files.js';
import { fileError } from '../../host/file_error.js';
import { type BatchLine, parseBatchLine } from '../../server/batch/batch_line.js';
import { readLines } from '../../train/data/lines.js';

/** The requests of a file in their order, `[from, to)`. Blank lines are left out. Throws `invalid-file`. */
export async function* requestsOf(
  path: string,
  signal: AbortSignal,
  from = 0,
  to = Number.POSITIVE_INFINITY,
): AsyncGenerator<BatchLine, void> {
  const [file] = await dataFiles([path]);
  let index = 0;
  for await (const { number, text } of readLines(file!, signal)) {
    if (index >= to) return;
    if (index++ >= from) yield parseBatchLine(text, `${path} line ${number}`);
  }
}

/**
 * Throws `invalid-option` if the requests are not in a file, which can be read several times, or if the answers would
 * replace them.
 */
export async function checkInput(path: string, out: string): Promise<void> {
  const found = await stat(path, { bigint: true }).catch((error) => {
    throw fileError(error, path, 'read');
  });
  if (!found.isFile()) {
    const kind = found.isDirectory() ? 'a folder' : 'no file, but a pipe or a device';
    throw new Gpt2Error('invalid-option', `${path} is ${kind}; give the path of a file with requests`);
  }
  const target = await stat(out, { bigint: true }).catch(() => undefined);
  if (target?.ino === found.ino && target.dev === found.dev) {
    throw new Gpt2Error('invalid-option', `${out} has the requests; give another path for the answers`);
  }
}

/** How many requests a file has. Throws `invalid-file` for the first wrong one, before anything is computed. */
export async function checkedCount(path: string, signal: AbortSignal): Promise<number> {
  const ids = new Set<string>();
  for await (const { place, customId } of requestsOf(path, signal)) {
    if (ids.has(customId)) {
      const message = `${place} repeats the custom_id ${JSON.stringify(customId)}; each request needs its own`;
      throw new Gpt2Error('invalid-file', message);
    }
    ids.add(customId);
  }
  return ids.size;
}
