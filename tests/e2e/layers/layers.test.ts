import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const SCRIPT = fileURLToPath(new URL('../../../scripts/layers.mjs', import.meta.url));

/** Runs the script on a tree; gives its exit status and the lines of its report. */
function check(files: Readonly<Record<string, string>>): { status: number | null; lines: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-layers-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, 'src', path)), { recursive: true });
      writeFileSync(join(folder, 'src', path), text);
    }
    const { status, stderr } = spawnSync(process.execPath, [SCRIPT, folder], { encoding: 'utf8' });
    return { status, lines: stderr.split('\n').filter((line) => line !== '') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('the source keeps to its layers', () => {
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT], { encoding: 'utf8' });
  assert.is(stderr, '');
  assert.is(status, 0);
});

test('imports from folders below are allowed, and from anywhere for an entry', () => {
  const { status, lines } = check({
    'index.ts': "export { a } from './core/a.js';\n",
    'core/a.ts': "import { b } from '../files/b.js';\nexport const a = b;\n",
    'files/b.ts': 'export const b = 1;\n',
  });
  assert.equal(lines, []);
  assert.is(status, 0);
});

for (const [kind, statement] of [
  ['value', "import { a } from '../core/a.js';\n"],
  ['type', "import type { A } from '../core/a.js';\n"],
  ['re-export', "export { a } from '../core/a.js';\n"],
  ['import on demand', "export const a = () => import('../core/a.js');\n"],
  ['import for its effect', "import '../core/a.js';\n"],
] as const) {
  test(`an import from a folder above is reported: ${kind}`, () => {
    const { status, lines } = check({ 'core/a.ts': 'export const a = 1;\n', 'files/b.ts': statement });
    assert.equal(lines, ['src/files/b.ts imports src/core/a.ts: files must not import from core']);
    assert.is(status, 1);
  });
}

test('an import of an entry is reported', () => {
  const { status, lines } = check({
    'index.ts': 'export const a = 1;\n',
    'cli/main.ts': "import { a } from '../index.js';\n",
  });
  assert.equal(lines, ['src/cli/main.ts imports src/index.ts: cli must not import from the entries']);
  assert.is(status, 1);
});

test('a circle of imports within a folder is reported', () => {
  const { status, lines } = check({
    'core/a.ts': "import type { B } from './b.js';\n",
    'core/b.ts': "import type { C } from './c.js';\n",
    'core/c.ts': "export const a = () => import('./a.js');\n",
  });
  assert.equal(lines, [
    'a circle of imports: src/core/a.ts -> src/core/b.ts -> src/core/c.ts -> src/core/a.ts',
  ]);
  assert.is(status, 1);
});

test('a folder that is in no layer is refused by name', () => {
  const { status, lines } = check({ 'elsewhere/a.ts': 'export const a = 1;\n' });
  assert.ok(
    lines.some((line) => line.includes('src/elsewhere is not in LAYERS')),
    lines.join('\n'),
  );
  assert.is.not(status, 0);
});

test.run();
