import { readFileSync } from 'node:fs';

/** Texts of files in a folder of tests/fixtures. */
export function keptTexts(folder: string, names: readonly string[]): string[] {
  return names.map((name) => readFileSync(new URL(`../fixtures/${folder}/${name}`, import.meta.url), 'utf8'));
}
