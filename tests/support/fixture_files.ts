import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Files = Record<string, Uint8Array>;

/** The files of a folder of tests/fixtures. */
export function fixture(folder: string): Files {
  const root = fileURLToPath(new URL(`../fixtures/${folder}/`, import.meta.url));
  const names = readdirSync(root).filter(
    (name) => statSync(root + name).isFile() && !/expected|NOTICE|\.py$/.test(name),
  );
  return Object.fromEntries(names.map((name) => [name, new Uint8Array(readFileSync(root + name))]));
}
