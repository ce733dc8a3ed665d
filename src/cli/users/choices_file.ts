import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Gpt2Error } from '../../base/errors.js';
import { makeFolder } from '../../files/folder/make_folder.js';
import { orNotWritable } from '../../files/folder/write_file.js';
import { PRIVATE } from '../chatting/history.js';
import { writeNewFile } from '../outputs/new_file.js';
import { bytesAt } from './bytes_at.js';
import { type Choice, choiceLine, choicesOf } from './choice_line.js';

/** Most bytes of the choices of a user: some ten thousands of them. */
export const MOST_BYTES = 2 ** 24;
const LINE_BREAK = 0x0a;

/** The choices of a user, a line of JSON each; several processes may add to them. */
export class ChoicesFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** All choices, in the order in which they were made. Throws `invalid-file` with the line, and `storage`. */
  async read(): Promise<Choice[]> {
    const bytes = (await bytesAt(this.path)) ?? new Uint8Array();
    // Another process may be writing the last line.
    return choicesOf(bytes.subarray(0, bytes.lastIndexOf(LINE_BREAK) + 1), this.path);
  }

  /** Adds choices at once. Throws `storage`, also if the file would be too large, and changes nothing then. */
  async add(choices: readonly Choice[]): Promise<void> {
    const lines = Buffer.from(choices.map(choiceLine).join(''));
    await orNotWritable(this.path, async () => {
      await makeFolder(dirname(this.path));
      const file = await open(this.path, 'a+', PRIVATE);
      try {
        await append(file, lines, this.path);
      } finally {
        await file.close();
      }
    });
  }

  /** Replaces all choices. Throws `storage`. */
  async replace(choices: readonly Choice[]): Promise<void> {
    if (choices.length > 0) await writeNewFile(this.path, choices.map(choiceLine).join(''), true, PRIVATE);
    else await orNotWritable(this.path, () => rm(this.path, { force: true }));
  }
}

/** One call writes all, so that lines of other processes do not come between. */
async function append(file: FileHandle, lines: Uint8Array, path: string): Promise<void> {
  const { size } = await file.stat();
  if (size + lines.length > MOST_BYTES) {
    const message = `${path} would have more than ${MOST_BYTES} bytes; take back choices, or move the file away`;
    throw new Gpt2Error('storage', message);
  }
  const { buffer } = await file.read(new Uint8Array(1), 0, 1, Math.max(0, size - 1));
  const isWhole = size === 0 || buffer[0] === LINE_BREAK;
  const bytes = isWhole ? lines : Buffer.concat([Uint8Array.of(LINE_BREAK), lines]);
  const { bytesWritten } = await file.write(bytes);
  if (bytesWritten === bytes.length) return;
  await file.truncate(size);
  throw new Gpt2Error('storage', `${path} cannot be written: the disk is full; free some space`);
}
