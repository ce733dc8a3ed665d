import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serveFiles } from '../../../support/file_server.ts';
import { APP, FEW, featuresOf, here, inputFile, MODELS, VARIANTS } from './app.mjs';

const execute = promisify(execFile);

/** Runtimes that run a file. */
export const PROGRAMS = [
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

const PLACES = [
  { where: 'main thread', place: 'main' },
  { where: 'worker', place: 'worker' },
  { where: 'from a URL', place: 'main', fromUrl: true },
];

/** The version of a runtime; undefined if it is not here. */
export async function versionOf(file) {
  if (!existsSync(file)) return undefined;
  return /\d+\.\d+\.\d+/.exec((await execute(file, ['--version'])).stdout)[0];
}

/** How the files of the project are run. Deno stores downloads in its own folder. */
export const settingsOf = () => ({
  cwd: APP,
  env: { ...process.env, DENO_DIR: join(APP, 'deno') },
  timeout: 600_000,
});

/** Every build in the main thread and in a worker of Node, Deno and Bun, and with a model from a server. */
export async function runPrograms(report) {
  const server = await serveFiles(MODELS);
  for (const { runtime, file, args } of PROGRAMS) {
    const version = await versionOf(file);
    if (version === undefined) {
      await report({ runtime, problem: `${file} is not here: its package is for Linux on x64` });
      continue;
    }
    for (const { where, place, fromUrl } of PLACES) {
      for (const { build, threads, ...variant } of VARIANTS) {
        const only = fromUrl ? FEW : featuresOf(variant, place);
        await report({ runtime, version, where, build, only }, async (input) => {
          const source = fromUrl ? `${server.url}/stories/stories.gguf` : 'embedded';
          const words = ['program.mjs', build, threads, place, source, inputFile(input)];
          const { stdout } = await execute(file, [...args, ...words], settingsOf());
          return JSON.parse(stdout);
        });
      }
    }
  }
  await server.close();
}
