import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, tryRun } from '../../../../scripts/run.mjs';

export const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** A project with the packed package installed, as a user has it. */
export const APP = here('.cache/app');

export const MODELS = join(APP, 'node_modules/gpt2-wasm/models');

/** Features for cells that differ from others in the way to the model alone. */
export const FEW = ['writing', 'sessions', 'compression'];

/** Cells that are run in every runtime, with all features or few. If there are no threads, one does the work of two. */
export const VARIANTS = [
  { build: 'simd', threads: 1, full: 'here' },
  { build: 'simd', threads: 2, full: 'worker' },
  { build: 'auto', threads: 1 },
];

/** Features of a cell: all (undefined) once in the caller's thread, once in a worker with threads, else few. */
export const featuresOf = ({ full }, where) =>
  full === (where === 'worker' ? 'worker' : 'here') ? undefined : FEW;

/** Writes what a program of the project tells, and gives the path of the file. */
export function inputFile(input) {
  const file = join(APP, 'input.json');
  writeFileSync(file, JSON.stringify(input));
  return file;
}

/** Makes the project anew, with the current package. */
export function setUpApp() {
  rmSync(APP, { recursive: true, force: true });
  cpSync(here('app'), APP, { recursive: true });
  cpSync(here('story'), join(APP, 'story'), { recursive: true });
  const manifest = { private: true, type: 'module', dependencies: { 'gpt2-wasm': '*' } };
  writeFileSync(join(APP, 'package.json'), JSON.stringify(manifest));
  installPackage([APP]);
}

/** Installs the runtimes once. */
export function installRuntimes() {
  if (existsSync(here('node_modules/.package-lock.json'))) return;
  console.error('Installing runtimes ...');
  run('npm', ['ci', '--prefix', here('.'), '--no-audit', '--no-fund', '--loglevel=error'], { stdout: 2 });
}

/** Packs the package, and gives the path of the file. */
export function packed() {
  const { stdout, status } = tryRun('npm', ['pack', '--json', '--pack-destination', here('.cache')], {
    stdout: 'pipe',
  });
  if (status !== 0) process.exit(status);
  return here(`.cache/${JSON.parse(stdout)[0].filename}`);
}

/** Packs the package and unpacks it into the projects in these folders. */
export function installPackage(folders) {
  const file = packed();
  for (const folder of folders) {
    const installed = join(folder, 'node_modules/gpt2-wasm');
    mkdirSync(installed, { recursive: true });
    // Without dependencies, which only the command line and the hub need.
    execFileSync('tar', ['-xzf', file, '-C', installed, '--strip-components=1']);
  }
}
