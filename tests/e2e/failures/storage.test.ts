import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeNewFile } from '../../../src/cli/outputs/new_file.js';
import { dataFiles } from '../../../src/files/folder/data_files.js';
import { folderTarget } from '../../../src/files/folder/folder_target.js';
import { trainingStateFolder } from '../../../src/files/folder/training_state_folder.js';
import { compileFile } from '../../../src/host/node_binary.js';
import { loadModel, loadTokenizer } from '../../../src/index.js';
import { checkpointFolder as fixtureFolder } from '../../support/checkpoints.js';
import { type DiskCall, withFailingDisk } from '../../support/failing_disk.js';
import { thrown } from '../../support/thrown.js';

/** Error codes of the system, with words that the message must have. */
const FAILURES = [
  ['ENOSPC', 'the disk is full'],
  ['EROFS', 'the disk is read-only'],
  ['EMFILE', 'too many files open'],
  ['EIO', 'has failed'],
] as const;
const WRITES: readonly DiskCall[] = ['open', 'handle.writeFile', 'handle.sync', 'handle.close', 'rename'];

let folder: string;
test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-storage-'));
});
test.after.each(() => rmSync(folder, { recursive: true }));

async function* oneByte() {
  yield Uint8Array.of(1);
}

/** Checks that `work` fails with the code `storage` if one of the calls fails, for each error code. */
async function assertStorage(
  calls: readonly DiskCall[],
  path: string,
  verb: 'read' | 'written',
  work: () => Promise<unknown>,
  check = () => {},
): Promise<void> {
  for (const call of calls) {
    for (const [code, advice] of FAILURES) {
      const failing = () => withFailingDisk(call, code, path, work);
      await thrown(failing, 'storage', path, `cannot be ${verb}: `, advice, code);
      check();
    }
  }
}

test('a file that cannot be written leaves the one that was there, and nothing else', async () => {
  const path = join(folder, 'a.gguf');
  writeFileSync(path, 'whole');
  await assertStorage(
    WRITES,
    path,
    'written',
    () => writeNewFile(path, oneByte, true),
    () => {
      assert.is(readFileSync(path, 'utf8'), 'whole');
      assert.equal(readdirSync(folder), ['a.gguf']);
    },
  );
});

test('a folder that cannot be written is left as it was', async () => {
  const write = (path: string) => async () => {
    const target = folderTarget(path);
    try {
      await target.write('config.json', oneByte());
      await target.commit();
    } finally {
      await target.discard();
    }
  };
  const fresh = join(folder, 'new');
  await assertStorage(['mkdir', ...WRITES], fresh, 'written', write(fresh), () =>
    assert.equal(readdirSync(folder), []),
  );
  const there = join(folder, 'there');
  mkdirSync(there);
  writeFileSync(join(there, 'config.json'), 'whole');
  await assertStorage(['mkdir', ...WRITES], there, 'written', write(there), () => {
    assert.equal(readdirSync(there), ['config.json']);
    assert.is(readFileSync(join(there, 'config.json'), 'utf8'), 'whole');
  });
  const checkpoints = join(folder, 'checkpoints');
  await assertStorage(['mkdir', ...WRITES], join(checkpoints, 'step-0000000001'), 'written', async () => {
    const target = trainingStateFolder(checkpoints).target(1);
    await target.write('state', oneByte());
    await target.commit();
  });
  assert.not.ok(existsSync(join(checkpoints, 'step-0000000001')));
});

test('a model that cannot be read', async () => {
  const path = fixtureFolder('base');
  const reads: readonly DiskCall[] = ['stat', 'readdir', 'open', 'handle.read', 'handle.close'];
  const base = path.replace(/\/$/, '');
  await assertStorage(reads, base, 'read', () => loadModel(path));
  const tokenizer = join(folder, 'tokenizer');
  mkdirSync(tokenizer);
  writeFileSync(join(tokenizer, 'vocab.json'), '{"a":0}');
  writeFileSync(join(tokenizer, 'merges.txt'), '');
  await assertStorage(reads, tokenizer, 'read', () => loadTokenizer(tokenizer));
});

test('data that cannot be read', async () => {
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'a.txt'), 'a');
  await assertStorage(['stat', 'readdir'], join(folder, 'data'), 'read', () =>
    dataFiles([join(folder, 'data')]),
  );
});

test('a binary of the package that is there and cannot be read', async () => {
  await assertStorage(['readFile'], 'simd.wasm', 'read', () => compileFile('simd.wasm'));
  await withFailingDisk('readFile', 'ENOENT', 'simd.wasm', () =>
    thrown(() => compileFile('simd.wasm'), 'not-found', 'simd.wasm'),
  );
});

test.run();
