// The package in empty projects, installed by the clients of each runtime from a registry, as after a release.
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bin, root } from '../../../../scripts/run.mjs';
import { here, packed } from './app.mjs';
import { PROGRAMS, versionOf } from './programs.mjs';
import { startRegistry } from './registry.mjs';
import { TYPED_PROGRAM } from './typed_program.mjs';

const execute = promisify(execFile);
const NPM = process.env.npm_execpath;

/** How a runtime installs the package and runs the installed command. */
const CLIENTS = {
  Node: {
    where: 'npm install',
    install: [NPM, 'install', 'gpt2-wasm'],
    command: [NPM, 'exec', '--', 'gpt2-wasm'],
  },
  Deno: {
    where: 'deno add',
    install: ['add', '--quiet', 'npm:gpt2-wasm'],
    command: ['run', '--allow-all', '--quiet', 'npm:gpt2-wasm'],
  },
  Bun: { where: 'bun add', install: ['add', 'gpt2-wasm'], command: ['--bun', 'x', 'gpt2-wasm'] },
};

/** Installs and tries the package with every client. */
export async function runInstalled(report) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const registry = await startRegistry(manifest, packed());
  const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-installed-'));
  try {
    for (const { runtime, file, args } of PROGRAMS) {
      const version = await versionOf(file);
      const { where, install, command } = CLIENTS[runtime];
      const project = join(folder, `${runtime}-${version}`);
      const problem = version === undefined ? `${file} is not here` : undefined;
      await report({ runtime, version, where, build: 'simd', problem }, async () => {
        mkdirSync(project);
        writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
        copyFileSync(here('app/entries.mjs'), join(project, 'entries.mjs'));
        writeFileSync(join(project, 'use.ts'), TYPED_PROGRAM);
        const settings = { cwd: project, env: environmentOf(project, registry.url), timeout: 600_000 };
        const run = async (words) => (await execute(file, words, settings)).stdout;
        await run(install);
        const told = { entries: await run([...args, 'entries.mjs']) };
        told.command = await run([...command, 'tokenize', 'Once upon a time', '--json']);
        told.serve = await served(file, [...command, 'serve', '--port', '0'], settings);
        told.types = await checkTypes(project);
        const digest = (text) => createHash('sha256').update(text).digest('hex');
        const digests = Object.entries(told).map(([name, text]) => [`installed ${name}`, digest(text)]);
        return { digests: Object.fromEntries(digests), build: 'simd' };
      });
    }
  } finally {
    registry.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Clients keep their caches in the project, where no other version of the package is. */
function environmentOf(project, registry) {
  const { HOME: _, ...env } = process.env;
  for (const name of Object.keys(env)) if (name.startsWith('npm_')) delete env[name];
  return {
    ...env,
    ...{ HOME: project, NPM_CONFIG_REGISTRY: registry, npm_config_registry: registry, NO_COLOR: '1' },
    ...{ npm_config_cache: join(project, '.npm'), DENO_DIR: join(project, '.deno') },
    BUN_INSTALL_CACHE_DIR: join(project, '.bun'),
  };
}

/** The text of a completion of the installed server, which must end by itself when it is asked to. */
async function served(file, words, settings) {
  const server = spawn(file, words, { ...settings, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const ended = new Promise((resolve) => server.once('close', (code, signal) => resolve(code ?? signal)));
  try {
    const url = await addressIn(server);
    const body = JSON.stringify({ prompt: 'Once upon a time', max_tokens: 8, seed: 1 });
    const response = await fetch(`${url}/v1/completions`, { method: 'POST', body });
    const { choices } = await response.json();
    // The whole group: a client waits for the program that it has started.
    process.kill(-server.pid, 'SIGTERM');
    await ended;
    return choices[0].text;
  } finally {
    try {
      process.kill(-server.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}

/** The address that a server prints. */
function addressIn({ stdout, stderr }) {
  return new Promise((resolve, reject) => {
    let printed = '';
    for (const stream of [stdout, stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        printed += text;
        const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed) ?? [];
        if (url) resolve(url);
      });
    }
    stdout.once('close', () => reject(new Error(`the server ended: ${printed}`)));
  });
}

/** The compiler's messages for a program that uses all entries, as Node and as bundlers resolve modules. */
async function checkTypes(project) {
  for (const modules of [
    ['--module', 'nodenext'],
    ['--module', 'esnext', '--moduleResolution', 'bundler'],
  ]) {
    const options = ['--noEmit', '--strict', '--target', 'es2022', '--types', '', ...modules];
    await execute(process.execPath, [join(root, bin.tsc), ...options, 'use.ts'], { cwd: project }).catch(
      (error) => {
        throw new Error(`types, ${modules.join(' ')}: ${error.stdout}`);
      },
    );
  }
  return 'types';
}
