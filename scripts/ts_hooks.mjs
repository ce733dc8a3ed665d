// The hooks of ts_loader.mjs, which Node runs in a thread of their own.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './run.mjs';

const CACHE = join(root, 'build/ts');

const isTypeScript = (url) => /^file:[^?#]*\.ts(?:[?#]|$)/.test(url);

/** A TypeScript file imports others by the name that they are compiled to. */
export function resolve(specifier, context, next) {
  if (/^(?:\.|file:)[^?#]*\.js(?:[?#]|$)/.test(specifier) && isTypeScript(context.parentURL ?? '')) {
    const url = new URL(specifier.replace(/\.js(?=[?#]|$)/, '.ts'), context.parentURL);
    if (existsSync(fileURLToPath(url))) return { url: url.href, format: 'module', shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!isTypeScript(url)) return next(url, context);
  return { format: 'module', source: await compiled(fileURLToPath(url)), shortCircuit: true };
}

async function compiled(path) {
  const source = readFileSync(path, 'utf8');
  // All versions of Node that are supported know import attributes, which came after ES2022.
  const supported = { 'import-attributes': true };
  const options = { loader: 'ts', target: 'es2022', supported, sourcemap: 'inline', sourcefile: path };
  const key = createHash('sha1').update(JSON.stringify(options)).update(source).digest('hex');
  const file = join(CACHE, `${key}.js`);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const { transform } = await import('esbuild');
  const { code } = await transform(source, options);
  // Renamed, since other processes read it.
  const unfinished = `${file}.${process.pid}`;
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(unfinished, code);
  renameSync(unfinished, file);
  return code;
}
