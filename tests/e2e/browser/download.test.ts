import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const BUILD = new URL('../../../build/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, BUILD));

/** A module of build/web with all that it imports statically; without what `import()` loads on demand. */
function withImports(entry: string, seen = new Set<string>()): Set<string> {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  for (const [, path] of read(`web/${entry}`)
    .toString()
    .matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) {
    withImports(path!, seen);
  }
  return seen;
}

const gzipped = (paths: Iterable<string>) =>
  [...paths].reduce((sum, path) => sum + gzipSync(read(path), { level: 9 }).length, 0);
const download = (...entries: string[]) =>
  gzipped([...new Set(entries.flatMap((entry) => [...withImports(entry)]))].map((path) => `web/${path}`));

const BINARIES = ['simd', 'relaxed', 'simd-threads', 'relaxed-threads'];
/** Builds of the core, one of which a page downloads. */
const largestBinary = Math.max(...BINARIES.map((name) => gzipped([`wasm/${name}.wasm`])));

test('a browser downloads at most 64 KB to run a model on threads, in the page or in a worker', () => {
  for (const entries of [
    ['index.js', 'browser_thread.js'],
    ['worker.js', 'model_worker.js', 'browser_thread.js'],
  ]) {
    const bytes = download(...entries) + largestBinary;
    assert.ok(bytes > 30_000, 'everything was counted');
    assert.ok(bytes <= 65_536, `${entries.join(' and ')} with a binary: ${bytes} bytes`);
  }
});

/** Static and dynamic imports in minified code. Strings may contain the same words. */
const IMPORTS = /(?:\}from|\bas [\w$]+ from|\bimport(?: [\w$]+ from)?)\s*\(?["']([^"']+)["']/g;

/** Modules that the main entry loads on demand, by the format of the model. */
const FORMATS = ['safetensors.js', 'gguf.js'];

test('a page downloads at most 64 KiB with what reads a model over HTTP, and 70 KB if it runs in a worker', () => {
  const needed = [...read('web/model.js').toString().matchAll(IMPORTS)].map(([, path]) => path!.slice(2));
  for (const format of FORMATS) {
    assert.ok(needed.includes(format), `a model loads ${format}`);
    for (const other of FORMATS) assert.is(withImports(format).has(other), other === format);
    // A GGUF file may have weights in blocks, which are decoded before they are packed.
    const loaded = ['browser_thread.js', format, ...(format === 'gguf.js' ? ['decode.js'] : [])];
    const bytes = download('index.js', ...loaded) + largestBinary;
    assert.ok(bytes <= 65_536, `${format} with a binary: ${bytes} bytes`);
    const inWorker = download('worker.js', 'model_worker.js', ...loaded) + largestBinary;
    assert.ok(inWorker <= 70_300, `${format} in a worker, with a binary: ${inWorker} bytes`);
  }
});

test('the bundle of an edge worker has at most 80 KB', () => {
  const bytes = download('index.js') + largestBinary;
  assert.ok(bytes <= 80_000, `${bytes} bytes`);
});

test('a page that runs models in a worker downloads little else', () => {
  const bytes = download('worker.js');
  // gpt2-wasm/vision shares what starts a worker and cancels its calls.
  assert.ok(bytes <= 10_600, `${bytes} bytes`);
});

test('what a thread loads starts no worker', () => {
  // Vite refuses to build a worker whose modules import the worker again.
  for (const entry of withImports('browser_thread.js')) {
    assert.not.ok(read(`web/${entry}`).toString().includes('new Worker'), entry);
  }
});

test('no module for browsers imports one of Node or a package, or makes code from text', () => {
  const entries = [
    ...['index.js', 'worker.js', 'train.js', 'examine.js', 'model_worker.js', 'browser_thread.js'],
    ...['playground.js', 'playground_trainer.js'],
  ];
  for (const entry of new Set(entries.flatMap((name) => [...withImports(name)]))) {
    const code = read(`web/${entry}`).toString();
    for (const [, specifier] of code.matchAll(IMPORTS)) {
      assert.match(specifier!, /^\.\//, entry);
    }
    // Only the playground uses blob: URLs, for downloads; its policy forbids scripts from there.
    const addresses = entry === 'playground.js' ? [] : ['createObjectURL', 'blob:'];
    for (const forbidden of ['node:', 'eval(', 'Function(', ...addresses]) {
      assert.not.ok(code.includes(forbidden), `${entry} has ${forbidden}`);
    }
  }
});

test.run();
