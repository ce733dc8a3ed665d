// Test runners, server bundles and frameworks that run the installed package in Node, each in its usual way.
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { APP, FEW, here, inputFile } from './app.mjs';

const execute = promisify(execFile);
const FOLDER = join(APP, 'toolchains');
const STORY = join(FOLDER, 'told.json');
const INPUT = join(APP, 'input.json');
/** Arguments of `tell`, in a program. */
const FILES = `${JSON.stringify(INPUT)}, ${JSON.stringify(STORY)}`;

/** Installed version of a package of tests/e2e/runtimes. */
const versionOf = (name) =>
  JSON.parse(readFileSync(here(`node_modules/${name}/package.json`), 'utf8')).version;

/**
 * Runs a file with this Node in the folder of the toolchains. Throws with the first line that mentions an
 * error.
 */
async function node(args, env = {}) {
  const options = {
    cwd: FOLDER,
    // Vite's build sets NODE_ENV for this process; with it Vitest finds no modules of Node (vitest-dev/vitest#11324).
    env: { ...process.env, NODE_ENV: undefined, NEXT_TELEMETRY_DISABLED: '1', NO_COLOR: '1', ...env },
    timeout: 300_000,
    maxBuffer: 2 ** 26,
  };
  try {
    await execute(process.execPath, args, options);
  } catch (error) {
    const said = `${error.stderr ?? ''}\n${error.stdout ?? ''}`.split('\n');
    throw new Error(said.find((line) => /error/i.test(line)) ?? error.message, { cause: error });
  }
}

const module = (path) => here(`node_modules/${path}`);

/** A module that writes the story to a file, because test runners capture standard output. */
const TELL = `import { webcrypto } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { embeddedModel, loadModel } from 'gpt2-wasm';
import * as examine from 'gpt2-wasm/examine';
import { createHandler } from 'gpt2-wasm/server';
import { tellStory } from './story/story.mjs';
export async function tell(input, file) {
  const load = (options) => loadModel(embeddedModel, { build: 'simd', threads: 1, ...options });
  const place = { load, examine, createHandler, subtle: webcrypto.subtle };
  writeFileSync(file, JSON.stringify(await tellStory(place, JSON.parse(readFileSync(input, 'utf8')))));
}
`;

const testOf = (imports = '') => `${imports}
import { tell } from './tell.mjs';
test('the story is told', () => tell(${FILES}), 120000);
`;

const jest = (config) => async () => {
  writeFileSync(join(FOLDER, 'jest.test.mjs'), testOf());
  const wanted = { ...config, testMatch: ['**/jest.test.mjs'], transform: {}, rootDir: FOLDER };
  writeFileSync(join(FOLDER, 'jest.config.json'), JSON.stringify(wanted));
  await node([
    ...['--experimental-vm-modules', '--no-warnings', module('jest/bin/jest.js')],
    ...['--config', 'jest.config.json', '--watchman=false'],
  ]);
};

const vitest = (environment) => async () => {
  writeFileSync(join(FOLDER, 'vitest.test.mjs'), testOf("import { test } from 'vitest';"));
  writeFileSync(join(FOLDER, 'vite.config.mjs'), 'export default {};\n');
  await node([module('vitest/vitest.mjs'), 'run', '--environment', environment, 'vitest.test.mjs']);
};

const esbuild = (format, external) => async () => {
  const { build } = await import('esbuild');
  const out = join(FOLDER, `bundle.${format === 'cjs' ? 'cjs' : 'mjs'}`);
  writeFileSync(join(FOLDER, 'entry.mjs'), `import { tell } from './tell.mjs';\nvoid tell(${FILES});\n`);
  await build({
    ...{ entryPoints: [join(FOLDER, 'entry.mjs')], outfile: out, logLevel: 'error' },
    ...{ bundle: true, platform: 'node', format, external: external ? ['gpt2-wasm'] : [] },
    // As AWS CDK bundles a function.
    ...{ minify: true, target: 'node20' },
  });
  await node([out]);
};

async function viteServer() {
  const { build } = await import('vite');
  const entry = join(FOLDER, 'server.mjs');
  writeFileSync(entry, `import { tell } from './tell.mjs';\nawait tell(${FILES});\n`);
  const outDir = join(FOLDER, 'ssr');
  await build({ root: FOLDER, configFile: false, logLevel: 'error', build: { ssr: entry, outDir } });
  await node([join(outDir, 'server.js')]);
}

/** A route of a Next.js application that answers with the story. */
const next = (bundler) => async () => {
  const app = join(FOLDER, 'next');
  mkdirSync(join(app, 'app/story'), { recursive: true });
  const config = bundler === 'webpack' ? { serverExternalPackages: ['gpt2-wasm'] } : {};
  const files = {
    'package.json': '{ "private": true }',
    'next.config.mjs': `export default ${JSON.stringify(config)};`,
    'app/layout.jsx':
      'export default function Layout({ children }) { return <html><body>{children}</body></html>; }',
    'app/page.jsx': 'export default function Page() { return <p>A story</p>; }',
    'app/story/route.js': `import { tell } from '../../tell.mjs';
export const dynamic = 'force-dynamic';
export async function GET() {
  await tell(${FILES});
  return new Response('told');
}`,
    'tell.mjs': TELL,
  };
  cpSync(join(FOLDER, 'story'), join(app, 'story'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(app, name), text);
  const program = module('next/dist/bin/next');
  await node([program, 'build', app, `--${bundler}`]);
  const port = 20_000 + (process.pid % 10_000);
  const server = spawn(process.execPath, [program, 'start', app, '--port', String(port)], {
    stdio: 'ignore',
  });
  try {
    await answered(`http://localhost:${port}/story`);
  } finally {
    server.kill();
  }
};

/** Waits for the answer of a server, which may still be starting. */
async function answered(url) {
  for (let tries = 0; ; tries++) {
    const response = await fetch(url).catch((error) => {
      if (tries === 100) throw error;
    });
    if (response?.ok) return;
    if (response) throw new Error(`status ${response.status}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const JSDOM = {
  testEnvironment: module('jest-fixed-jsdom/index.js'),
  testEnvironmentOptions: { customExportConditions: ['node'] },
};

const TOOLCHAINS = [
  { runtime: 'Jest', name: 'jest', where: 'node', tell: jest({}) },
  { runtime: 'Jest', name: 'jest', where: 'jsdom', tell: jest(JSDOM) },
  { runtime: 'Vitest', name: 'vitest', where: 'node', tell: vitest('node') },
  { runtime: 'Vitest', name: 'vitest', where: 'jsdom', tell: vitest('jsdom') },
  { runtime: 'Next.js', name: 'next', where: 'route, webpack', tell: next('webpack') },
  { runtime: 'Next.js', name: 'next', where: 'route, Turbopack', tell: next('turbopack') },
  { runtime: 'Vite', name: 'vite', where: 'server bundle', tell: viteServer },
  { runtime: 'esbuild', name: 'esbuild', where: 'bundle for Node, cjs', tell: esbuild('cjs', false) },
  { runtime: 'esbuild', name: 'esbuild', where: 'bundle for Node, esm', tell: esbuild('esm', false) },
  { runtime: 'esbuild', name: 'esbuild', where: 'cjs, external', tell: esbuild('cjs', true) },
];

/** Runs every toolchain in a project with the installed package. */
export async function runToolchains(report) {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'package.json'), '{ "private": true, "type": "module" }');
  writeFileSync(join(FOLDER, 'tell.mjs'), TELL);
  cpSync(join(APP, 'story'), join(FOLDER, 'story'), { recursive: true });
  mkdirSync(join(FOLDER, 'node_modules'));
  symlinkSync(join(APP, 'node_modules/gpt2-wasm'), join(FOLDER, 'node_modules/gpt2-wasm'));
  for (const { runtime, name, where, tell } of TOOLCHAINS) {
    const only = [...FEW, 'formats', 'answers'];
    await report({ runtime, version: versionOf(name), where, build: 'simd', only }, async (input) => {
      rmSync(STORY, { force: true });
      inputFile(input);
      await tell();
      return JSON.parse(readFileSync(STORY, 'utf8'));
    });
  }
}
