// Only in the build for runtimes with Node's modules.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileError } from '../../host/file_error.js';
import type { LineLog } from '../line_log.js';
import { orNotWritable } from './write_file.js';

const NEWLINE = 0x0a;

/**
 * The file at a path as a log, which is made if it is absent, and changed by the first line alone. A process that ends
 * leaves all lines but the one that it was writing. Throws `storage` and `not-found`.
 */
export async function lineLogFile(path: string): Promise<LineLog> {
  const file = await orNotWritable(path, () => open(path, 'a+'));
  /** Ends a line that was cut off. */
  let lineEnd = '';
  try {
    const { size } = await file.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await file.read(last, 0, 1, size - 1);
    if (size > 0 && last[0] !== NEWLINE) lineEnd = '\n';
  } catch (error) {
    await file.close();
    throw fileError(error, path, 'read');
  }
  return {
    name: path,
    async *read() {
      const input = createReadStream(path);
      try {
        yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
      } catch (error) {
        throw fileError(error, path, 'read');
      } finally {
        input.destroy();
      }
    },
    append(line) {
      const text = `${lineEnd}${line}\n`;
      lineEnd = '';
      return orNotWritable(path, () => file.appendFile(text));
    },
    close: () => file.close(),
  };
}
