import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { allSuites, named } from '../../scripts/suites.mjs';
import { root } from './run_process.js';

/** Suites of the folders that are changed, and of the two right above: a test that is farther away is not enough. */
const NEAR = /^tests\/(?:core|generate|train|checkpoints|tokenizer|model|score)\//;

const IMPORT = /(?:from|import)\s*\(?\s*'(\.[^']+)\.js'/g;

const suites = allSuites().filter((name) => NEAR.test(name));
const imported = new Map<string, readonly string[]>();
const depths = new Map<string, ReadonlyMap<string, number>>();

/** The suites that load a file, nearest first: its own and those that import it, those of its name, in its folder, around it. */
export function nearSuites(file: string): string[] {
  const own = named([file]);
  const word = basename(file, '.ts');
  const distance = (suite: string) =>
    depthsFrom(suite).get(file)! -
    100 * sharedFolders(file, suite) -
    (own.includes(suite) ? 2000 : suite.includes(word) ? 1000 : 0);
  return suites
    .filter((suite) => depthsFrom(suite).has(file))
    .sort((a, b) => distance(a) - distance(b) || (a < b ? -1 : 1));
}

function sharedFolders(file: string, suite: string): number {
  const [folders, others] = [dirname(file).split('/').slice(1), dirname(suite).split('/').slice(1)];
  const first = folders.findIndex((name, n) => name !== others[n]);
  return first < 0 ? folders.length : first;
}

/** All files that a suite loads or may load on demand, each with the number of imports that lead to it. */
function depthsFrom(suite: string): ReadonlyMap<string, number> {
  const stored = depths.get(suite);
  if (stored !== undefined) return stored;
  const found = new Map([[suite, 0]]);
  for (const [file, depth] of found) {
    for (const path of importsOf(file)) if (!found.has(path)) found.set(path, depth + 1);
  }
  depths.set(suite, found);
  return found;
}

function importsOf(file: string): readonly string[] {
  const stored = imported.get(file);
  if (stored !== undefined) return stored;
  const paths = existsSync(join(root, file))
    ? Array.from(readFileSync(join(root, file), 'utf8').matchAll(IMPORT), ([, path]) =>
        join(dirname(file), `${path}.ts`),
      )
    : [];
  imported.set(file, paths);
  return paths;
}
