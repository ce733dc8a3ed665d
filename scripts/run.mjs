import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a package's own program, or node itself, and ends this process with its status when it fails. */
export function run(program, args, { stdout = 'inherit' } = {}) {
  const { status, error } = tryRun(program, args, { stdout });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/**
 * As `run`, beside other programs. What the program prints goes to stderr, so that `npm start` leaves stdout to the
 * generated text.
 */
export function start(program, args) {
  const child = spawn(process.execPath, [program, ...args], { cwd: root, stdio: ['ignore', 2, 'inherit'] });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => (status === 0 ? resolve() : process.exit(status ?? 1)));
  });
}

/** As `run`, but leaves the outcome to the caller. `program` is a file in the project, run by this node, or 'npm'. */
export function tryRun(program, args, { stdout = 'inherit' } = {}) {
  const options = { cwd: root, stdio: ['ignore', stdout, 'inherit'], encoding: 'utf8', maxBuffer: 2 ** 28 };
  // Under `npm run`, the PATH begins with node_modules/.bin, where a dependency's old npm lies.
  const npm = process.env.npm_execpath;
  if (program === 'npm' && npm === undefined) {
    return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  }
  return spawnSync(process.execPath, [program === 'npm' ? npm : program, ...args], options);
}

export const bin = {
  asc: 'node_modules/assemblyscript/bin/asc.js',
  aspect: 'node_modules/@as-pect/cli/lib/test.js',
  biome: 'node_modules/@biomejs/biome/bin/biome',
  c8: 'node_modules/c8/bin/c8.js',
  publint: 'node_modules/publint/src/cli.js',
  rollup: 'node_modules/rollup/dist/bin/rollup',
  tsc: 'node_modules/typescript/bin/tsc',
  uvu: 'node_modules/uvu/bin.js',
};
