// Prepares a clone: installs packages and builds, each only if something has changed.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './run.mjs';

const modified = (path) => statSync(join(root, path)).mtimeMs;

/** The latest change of a file or of anything in a folder. */
function newest(path) {
  if (!statSync(join(root, path)).isDirectory()) return modified(path);
  return Math.max(modified(path), ...readdirSync(join(root, path)).map((name) => newest(join(path, name))));
}

const installed = 'node_modules/.package-lock.json';
if (!existsSync(join(root, installed)) || modified(installed) < modified('package-lock.json')) {
  console.error('Installing packages ...');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { stdout: 2 });
}

const built = 'build/built';
const isNewer = (path) => !existsSync(join(root, built)) || newest(path) > modified(built);
const sources = [
  'assembly',
  'asconfig.json',
  'src',
  'tsconfig.json',
  'tsconfig.build.json',
  'rollup.config.mjs',
];
if (sources.some(isNewer)) {
  console.error('Building ...');
  run('scripts/build.mjs', [], { stdout: 2 });
}
