import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PAGES, ROOT, textOf } from './code_blocks.js';

/** Documents about the sources. */
const DOCUMENTS = [
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs/design')).map((name) => `docs/design/${name}`),
];
/**
 * A path in backticks that begins with a folder of the repository; ARCHITECTURE.md's trips leave src/ out.
 */
const PATH = /`((?:src|assembly|tests|scripts|bench|models|examples|docs)\/[\w./*-]*)`/g;
const TRIP_PATH = /`((?:model|generate|tokenizer|core|checkpoints|files|architecture|train)\/[\w./*-]*)`/g;

/** If a path is in every checkout: git keeps no folder without a file. */
const isKept = (path: string) =>
  existsSync(path) && (!statSync(path).isDirectory() || readdirSync(path).length > 0);

const exists = (path: string) => {
  if (!path.includes('*')) return isKept(join(ROOT, path));
  const at = path.lastIndexOf('/');
  const [before, after] = path.slice(at + 1).split('*') as [string, string];
  return readdirSync(join(ROOT, path.slice(0, at))).some(
    (name) => name.startsWith(before) && name.endsWith(after),
  );
};

test('files and folders that documents name exist', () => {
  for (const name of DOCUMENTS) {
    const text = textOf(name);
    const paths = Array.from(text.matchAll(PATH), ([, path]) => path!);
    const tripPaths = Array.from(text.matchAll(TRIP_PATH), ([, path]) => `src/${path}`);
    for (const path of [...paths, ...tripPaths]) assert.ok(exists(path), `${name} names ${path}`);
  }
});

test('every folder of src/ is in the tree of ARCHITECTURE.md', () => {
  const tree = textOf('ARCHITECTURE.md');
  for (const entry of readdirSync(join(ROOT, 'src'), { withFileTypes: true })) {
    if (entry.isDirectory())
      assert.ok(tree.includes(`\n  ${entry.name}/ `), `src/${entry.name} is not in the tree`);
  }
});

test('no document has the marks of a merge', () => {
  for (const name of [...PAGES, ...DOCUMENTS]) assert.not.match(textOf(name), /^(<{7}|>{7})/m, name);
});

test('the two documents that everybody reads first are short', () => {
  assert.ok(Buffer.byteLength(textOf('README.md')) <= 10_000, 'README.md has more than 10,000 bytes');
  assert.ok(
    Buffer.byteLength(textOf('ARCHITECTURE.md')) <= 8_000,
    'ARCHITECTURE.md has more than 8,000 bytes',
  );
});

test.run();
