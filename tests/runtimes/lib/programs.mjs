import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { APP, here } from './app.mjs';

const execute = promisify(execFile);

/** Runtimes that run a file. `versionOf` picks the version from what `--version` prints. */
const PROGRAMS = [
  ...['20', '22', '24', '26'].map((major) => ({
    runtime: 'Node',
    file: here(`node_modules/node-${major}/bin/node`),
    args: [],
  })),
  {
    runtime: 'Deno',
    file: here('node_modules/@deno/linux-x64-glibc/deno'),
    args: ['run', '--allow-all', '--quiet'],
  },
  { runtime: 'Bun', file: here('node_modules/@oven/bun-linux-x64/bin/bun'), args: ['run'] },
];

/** Every build in the main thread and in a worker of Node, Deno and Bun. */
export async function runPrograms(report) {
  for (const { runtime, file, args } of PROGRAMS) {
    if (!existsSync(file)) {
      report({ runtime, problem: `${file} is not here: its package is for Linux on x64` });
      continue;
    }
    const version = /\d+\.\d+\.\d+/.exec((await execute(file, ['--version'])).stdout)[0];
    for (const where of ['main thread', 'worker']) {
      for (const build of ['simd', 'auto']) {
        await report({ runtime, version, where, build }, async () => {
          const words = [...args, 'program.mjs', build, where === 'worker' ? 'worker' : 'main'];
          const { stdout } = await execute(file, words, { cwd: APP, timeout: 120_000 });
          return JSON.parse(stdout);
        });
      }
    }
  }
}
