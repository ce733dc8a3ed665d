import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, tryRun } from '../../../scripts/run.mjs';

export const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** A project that has the packed package installed, as a user would have it. */
export const APP = here('.cache/app');

const INSTALLED = join(APP, 'node_modules/gpt2-wasm');
export const MODELS = join(INSTALLED, 'models');

/** What is run everywhere; where there are no threads, one does the work of two. */
export const VARIANTS = [
  { build: 'simd', threads: 1 },
  { build: 'simd', threads: 2 },
  { build: 'auto', threads: 1 },
];

/** Installs the runtimes once, and the package as it is now. */
export function setUp() {
  if (!existsSync(here('node_modules/.package-lock.json'))) {
    console.error('Installing runtimes ...');
    run('npm', ['ci', '--prefix', here('.'), '--no-audit', '--no-fund', '--loglevel=error'], { stdout: 2 });
  }
  rmSync(APP, { recursive: true, force: true });
  mkdirSync(INSTALLED, { recursive: true });
  const { stdout, status } = tryRun('npm', ['pack', '--json', '--pack-destination', APP], { stdout: 'pipe' });
  if (status !== 0) process.exit(status);
  const [{ filename }] = JSON.parse(stdout);
  // Without its dependencies: only the command line and the hub have some.
  execFileSync('tar', ['-xzf', join(APP, filename), '-C', INSTALLED, '--strip-components=1']);
  cpSync(here('app'), APP, { recursive: true });
  cpSync(here('story.mjs'), join(APP, 'story.mjs'));
  const manifest = { private: true, type: 'module', dependencies: { 'gpt2-wasm': '*' } };
  writeFileSync(join(APP, 'package.json'), JSON.stringify(manifest));
}
