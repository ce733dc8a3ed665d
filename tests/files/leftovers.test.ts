import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeNewFile } from '../../src/cli/new_file.js';
import { unfinishedName } from '../../src/node/leftovers.js';

test('what a process that is gone left unfinished is removed by the next that writes there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-leftovers-'));
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  const path = join(folder, 'a.gguf');
  writeFileSync(`${path}.${gone}.unfinished`, 'half');
  writeFileSync(`${path}.${process.ppid}.unfinished`, 'of another that runs');
  writeFileSync(join(folder, `b.gguf.${gone}.unfinished`), 'of another file');
  assert.is(unfinishedName(path), `${path}.${process.pid}.unfinished`);
  await writeNewFile(
    path,
    async function* () {
      yield new Uint8Array(1);
    },
    false,
  );
  assert.equal(readdirSync(folder).sort(), [
    'a.gguf',
    `a.gguf.${process.ppid}.unfinished`,
    `b.gguf.${gone}.unfinished`,
  ]);
  rmSync(folder, { recursive: true });
});

test.run();
