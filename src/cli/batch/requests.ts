import { Gpt2Error } from '../../base/errors.js';
import { dataFiles } from '../../files/folder/data_files.js';
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

/** How many requests a file has. Throws `invalid-file` for the first wrong one, before anything is computed. */
export async function checkedCount(path: string, signal: AbortSignal): Promise<number> {
  const ids = new Set<string>();
  for await (const { customId } of requestsOf(path, signal)) {
    if (ids.has(customId)) {
      const message = `${path} has two requests with the custom_id ${JSON.stringify(customId)}; each needs its own`;
      throw new Gpt2Error('invalid-file', message);
    }
    ids.add(customId);
  }
  return ids.size;
}
