import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Mutant } from './mutant.js';
import { root } from './run_process.js';

/** AssemblyScript is no JavaScript: its operators are found by patterns. */
const CHANGES: readonly (readonly [string, string])[] = [
  [' + ', ' - '],
  [' - ', ' + '],
  [' * ', ' + '],
  [' += ', ' -= '],
  [' < ', ' <= '],
  [' <= ', ' < '],
  [' > ', ' >= '],
  ['.add(', '.sub('],
  ['.sub(', '.add('],
  ['.mul(', '.add('],
  ['.max(', '.min('],
  ['.min(', '.max('],
  ['.eq(', '.ne('],
];

/** All mutants of the files in a folder of assembly/, or of one file. */
export function coreMutants(place: string): Mutant[] {
  const files = place.endsWith('.ts')
    ? [place]
    : readdirSync(join(root, place), { recursive: true })
        .map((name) => `${place}/${String(name).split(sep).join('/')}`)
        .filter((name) => name.endsWith('.ts') && !/__tests__|reference/.test(name))
        .sort();
  return files.flatMap(mutantsOf).map((mutant, id) => ({ ...mutant, id }));
}

function mutantsOf(file: string): Omit<Mutant, 'id'>[] {
  const found: Omit<Mutant, 'id'>[] = [];
  let lineStart = 0;
  for (const [index, text] of readFileSync(join(root, file), 'utf8').split('\n').entries()) {
    const code = /^\s*(?:\/?\*|\/\/|import|export \{)/.test(text) ? '' : text.replace(/\/\/.*/, '');
    for (const [original, replacement] of CHANGES) {
      for (let at = code.indexOf(original); at >= 0; at = code.indexOf(original, at + 1)) {
        const start = lineStart + at;
        found.push({
          ...{ file, line: index + 1, start, end: start + original.length },
          ...{ mutator: text.trim(), original, replacement },
        });
      }
    }
    lineStart += text.length + 1;
  }
  return found;
}
