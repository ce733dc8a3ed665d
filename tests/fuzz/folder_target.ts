import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Target } from './target.js';

/** Larger files change too little, and are left as they are. */
const LARGEST_FILE = 200_000;

type Files = Readonly<Record<string, Uint8Array>>;

/** A target that reads folders of files, of which an input changes one: its first two bytes name folder and file. */
export function folderTarget(
  name: string,
  folders: readonly string[],
  read: (files: Record<string, Uint8Array>) => unknown,
  words: readonly string[] = [],
): Target {
  const all = folders.map(filesOf);
  return {
    ...{ name, words, kind: 'bytes' },
    seeds: () =>
      all.flatMap((files, folder) =>
        Object.values(files).flatMap((bytes, file) =>
          bytes.length > LARGEST_FILE
            ? []
            : [new Uint8Array(Buffer.concat([Uint8Array.of(folder, file), bytes]))],
        ),
      ),
    read(input) {
      const files = all[(input[0] ?? 0) % all.length]!;
      const names = Object.keys(files);
      const changed = names[(input[1] ?? 0) % names.length]!;
      return read({ ...files, [changed]: input.slice(2) });
    },
  };
}

/** Files of a folder of tests/fixtures but those of results and notes. */
function filesOf(folder: string): Files {
  const root = fileURLToPath(new URL(`../fixtures/${folder}/`, import.meta.url));
  const names = readdirSync(root).filter((name) => !/^expected|NOTICE|\.py$/.test(name));
  const files = names.filter((name) => statSync(root + name).isFile());
  return Object.fromEntries(files.map((name) => [name, new Uint8Array(readFileSync(root + name))]));
}
