import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../../files/folder/make_folder.js';
import { orNotWritable } from '../../files/folder/write_file.js';
import { writeNewFile } from '../outputs/new_file.js';

/** Lines that are kept, and characters of one. */
export const MOST_LINES = 1000;
const LONGEST = 4000;
/** Only its owner may read what a person has written. */
export const PRIVATE = 0o600;

/** The lines of earlier chats, the latest first; none if they cannot be read. */
export async function readHistory(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return kept(text.split('\n').reverse());
}

/** Replaces the lines of earlier chats, the latest first. Throws `storage`. */
export async function writeHistory(path: string, lines: readonly string[]): Promise<void> {
  const text = kept(lines)
    .reverse()
    .map((line) => `${line}\n`)
    .join('');
  await orNotWritable(path, () => makeFolder(dirname(path)));
  await writeNewFile(path, text, true, PRIVATE);
}

const kept = (lines: readonly string[]): string[] =>
  lines.filter((line) => line !== '' && line.length <= LONGEST && !/\p{Cc}/u.test(line)).slice(0, MOST_LINES);
