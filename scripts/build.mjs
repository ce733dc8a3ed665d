// Compiles assembly/ to build/wasm, if it has changed, and src/ to build/types, build/esm, build/web and
// build/playground.
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { bin, root, start } from './run.mjs';

/** The digest of the sources of build/wasm, once all its binaries are there. */
const wasmSources = join(root, 'build/wasm_sources');
const sources = digestOf([
  'asconfig.json',
  'node_modules/assemblyscript/package.json',
  ...listed('assembly'),
]);
const isCompiled = existsSync(wasmSources) && readFileSync(wasmSources, 'utf8') === sources;
if (!isCompiled) rmSync(wasmSources, { force: true });

for (const folder of [...(isCompiled ? [] : ['wasm']), 'js', 'types', 'esm', 'web', 'playground']) {
  rmSync(join(root, 'build', folder), { recursive: true, force: true });
}
const { targets } = JSON.parse(readFileSync(join(root, 'asconfig.json'), 'utf8'));
/** Exports of the core for models without cross-attention. */
const CORE = ['assembly/index.ts', 'assembly/plain_index.ts'];
const jobs = [
  compileModules,
  ...(isCompiled ? [] : Object.keys(targets)).flatMap((target) => [
    () => compileCore(target),
    () => compileCrossing(target),
    () => compileTraining(target),
    () => compileTracing(target),
  ]),
];
const lane = async () => {
  for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) await job();
};
await Promise.all(Array.from({ length: availableParallelism() }, lane));
writeFileSync(wasmSources, sources);
buildPlayground();
writeFileSync(join(root, 'build', 'built'), '');

/** The files in a folder and below it, in order. */
function listed(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

/** A digest of the paths and the content of files, and of this script. */
function digestOf(paths) {
  const hash = createHash('sha256');
  for (const path of [...paths, 'scripts/build.mjs']) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

async function compileCore(target) {
  await compileBinary(target, target, CORE);
  appendName(target);
}

/** Decoders with cross-attention and encoders have their own binary, so that other models need not download it. */
async function compileCrossing(target) {
  const name = `cross-${target}`;
  await compileBinary(name, target, ['assembly/index.ts', 'assembly/cross_index.ts']);
  appendName(name);
}

/** Training has its own binary, so that programs which only generate need not download it. */
async function compileTraining(target) {
  await compileBinary(`train-${target}`, target, [...CORE, 'assembly/train_index.ts']);
}

/** Tracing has its own binary too; its data lies where the core, whose memory it joins, has none. */
async function compileTracing(target) {
  const name = `trace-${target}`;
  await compileBinary(name, target, ['assembly/trace_index.ts', '--memoryBase', '4096']);
  appendName(name);
}

async function compileBinary(name, target, args) {
  const output = ['--outFile', `build/wasm/${name}.wasm`];
  await start(bin.asc, [...args, '--config', 'asconfig.json', '--target', target, ...output]);
}

/** A custom section says which binary a module is, once it is compiled: kind 0, length, name with its length, content. */
function appendName(binary) {
  const name = 'gpt2-wasm';
  const section = Buffer.from([0, 1 + name.length + binary.length, name.length]);
  appendFileSync(
    join(root, `build/wasm/${binary}.wasm`),
    Buffer.concat([section, Buffer.from(name + binary)]),
  );
}

async function compileModules() {
  await start(bin.tsc, ['-p', 'tsconfig.build.json']);
  replaceGenericArrays(join(root, 'build/types'));
  await start(bin.rollup, ['-c', 'rollup.config.mjs', '--silent']);
}

/** Before TypeScript 5.7 typed arrays had no type parameter; the result of `slice` has the same type in both. */
function replaceGenericArrays(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const types = readFileSync(path, 'utf8');
    writeFileSync(path, types.replace(/\b(\w+Array)<ArrayBuffer>/g, "ReturnType<$1['slice']>"));
  }
}

/** The page beside its service worker, and the list of all files that it is made of. */
function buildPlayground() {
  const page = ['index.html', 'style.css', 'icon.svg'];
  for (const name of ['index.html', 'icon.svg']) {
    copyFileSync(join(root, 'src/playground', name), join(root, 'build/playground', name));
  }
  writeFileSync(join(root, 'build/playground/style.css'), joinedStyle());
  const modules = new Set();
  const entries = ['playground.js', 'playground_trainer.js', 'model_worker.js', 'browser_thread.js'];
  for (const entry of entries) addImports(entry, modules);
  const inFolder = (folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);
  const files = [
    ...page,
    'service_worker.js',
    ...[...modules].map((name) => `build/web/${name}`),
    ...inFolder('build/wasm'),
    'models/stories/stories.gguf',
    ...inFolder('models/captions').filter((name) => !name.endsWith('.md')),
  ];
  writeFileSync(join(root, 'build/playground/files.json'), JSON.stringify(files));
}

/** The style sheets of the page as one file, in the order of their @import rules. */
function joinedStyle() {
  const folder = join(root, 'src/playground');
  const rules = readFileSync(join(folder, 'style.css'), 'utf8').matchAll(/^@import "(.*)";$/gm);
  return Array.from(rules, ([, path]) => readFileSync(join(folder, path), 'utf8')).join('\n');
}

/** A module of build/web and all that it imports. */
function addImports(name, found) {
  if (found.has(name)) return;
  found.add(name);
  const code = readFileSync(join(root, 'build/web', name), 'utf8');
  for (const [, path] of code.matchAll(/(?:from|import)\s*\(?["']\.\/([^"']+)["']/g)) addImports(path, found);
}
