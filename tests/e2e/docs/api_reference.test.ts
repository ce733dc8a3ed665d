import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOT } from './code_blocks.js';

const textsOf = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

test('every public name is documented, and docs/api is what `npm run docs` writes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-api-'));
  try {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/docs.mjs', folder], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    assert.is(status, 0, stderr);
    const [written, committed] = [textsOf(folder), textsOf(join(ROOT, 'docs/api'))];
    const changed = Object.keys({ ...written, ...committed }).filter(
      (name) => written[name] !== committed[name],
    );
    assert.equal(changed, [], 'run `npm run docs`: these files of docs/api are out of date');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
