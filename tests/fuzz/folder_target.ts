import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { changedFile } from './mutations/file.js';
import type { Target } from './target.js';

/** Larger files change too little, and are left as they are. */
const LARGEST_FILE = 200_000;

/** Files by their names. */
export type Files = Readonly<Record<string, Uint8Array>>;

/** A target that reads folders of files, of which an input changes one: its first two bytes name folder and file. */
export function folderTarget(
  name: string,
  folders: readonly Files[],
  read: (files: Record<string, Uint8Array>) => unknown,
  { words = [], mostBytes }: Pick<Target, 'words' | 'mostBytes'> = {},
): Target {
  const placeOf = (input: Uint8Array) => {
    const files = folders[(input[0] ?? 0) % folders.length]!;
    const names = Object.keys(files);
    return { files, changed: names[(input[1] ?? 0) % names.length]! };
  };
  return {
    ...{ name, words, kind: 'bytes', ...(mostBytes && { mostBytes }) },
    seeds: () =>
      folders.flatMap((files, folder) =>
        Object.values(files).flatMap((bytes, file) =>
          bytes.length > LARGEST_FILE ? [] : [joined(Uint8Array.of(folder, file), bytes)],
        ),
      ),
    change(input, other, random) {
      const changed = changedFile(
        placeOf(input).changed,
        input.subarray(2),
        other.subarray(2),
        words,
        random,
      );
      return joined(input.subarray(0, 2), changed);
    },
    read(input) {
      const { files, changed } = placeOf(input);
      return read({ ...files, [changed]: input.slice(2) });
    },
  };
}

const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

/** Files of a folder of tests/fixtures but those of results and notes. */
export function filesOf(folder: string): Files {
  const root = fileURLToPath(new URL(`../fixtures/${folder}/`, import.meta.url));
  const names = readdirSync(root).filter((name) => !/^expected|NOTICE|\.py$/.test(name));
  const files = names.filter((name) => statSync(root + name).isFile());
  return Object.fromEntries(files.map((name) => [name, new Uint8Array(readFileSync(root + name))]));
}
