import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkOutFolder } from '../../../src/cli/training/out_folder.js';
import { folderSource } from '../../../src/files/folder/folder_source.js';
import { folderTarget } from '../../../src/files/folder/folder_target.js';
import { withFailingDisk } from '../../support/failing_disk.js';
import { thrown } from '../../support/thrown.js';

const OLD = { 'config.json': 'old', 'model.safetensors': 'old', 'vocab.json': 'old', 'index.json': 'old' };
const STAGE = '.part.1073741824-0123abcd.unfinished';

let folder: string;
test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-replacement-'));
  for (const [name, text] of Object.entries(OLD)) writeFileSync(join(folder, name), text);
});
test.after.each(() => rmSync(folder, { recursive: true }));

const list = async () => (await (await folderSource(folder)).list()).map(({ path }) => path);

/** Writes three new files in the place of old ones, and removes another. `isKilled`: an error ends all. */
async function replace(isKilled = false): Promise<void> {
  const target = folderTarget(folder);
  for (const name of ['config.json', 'model.safetensors', 'vocab.json']) {
    await target.write(name, [new TextEncoder().encode('new')]);
  }
  await target.remove('index.json');
  try {
    await target.commit();
  } catch (error) {
    if (!isKilled) await target.discard();
    throw error;
  }
}

/** The files left by a process that is killed before it replaces `name`. The kill is an error that nothing handles. */
async function killedBefore(name: string): Promise<void> {
  await withFailingDisk('rename', 'EIO', join(folder, name), () => thrown(() => replace(true), 'storage'));
  const [stage] = readdirSync(folder).filter((name) => name.endsWith('.unfinished'));
  // The number of a process that has ended.
  renameSync(join(folder, stage!), join(folder, STAGE));
}

test('a folder with new files beside old ones is not read, until a later command has replaced all', async () => {
  await killedBefore('model.safetensors');
  assert.is(readFileSync(join(folder, 'config.json'), 'utf8'), 'new');
  assert.is(readFileSync(join(folder, 'model.safetensors'), 'utf8'), 'old');
  await thrown(list, 'invalid-file', 'new files beside old ones', join(folder, STAGE));
  // A command that only tries whether it may write, and one that is ended before it replaces files, change nothing.
  await checkOutFolder(folder, false);
  await thrown(list, 'invalid-file', 'new files beside old ones');
  await replace();
  assert.equal(await list(), ['config.json', 'model.safetensors', 'vocab.json']);
  assert.equal(readdirSync(folder).length, 3);
});

test('a replacement that fails is known by what it leaves, which the next one of the process removes', async () => {
  await withFailingDisk('rename', 'EIO', join(folder, 'vocab.json'), () => thrown(replace, 'storage'));
  await thrown(list, 'invalid-file', 'new files beside old ones');
  await replace();
  assert.equal(readdirSync(folder).sort(), ['config.json', 'model.safetensors', 'vocab.json']);
});

test('a folder is read as long as no file is replaced, and again when all are and the old ones removed', async () => {
  await killedBefore('config.json');
  assert.equal(await list(), Object.keys(OLD).sort());
  await thrown(() => checkOutFolder(folder, false), 'invalid-option', 'has a model already');
  await replace();
  mkdirSync(join(folder, STAGE));
  const replacement = { written: ['config.json'], removed: ['index.json'] };
  writeFileSync(join(folder, STAGE, '.replacement.json'), JSON.stringify(replacement));
  assert.equal(await list(), ['config.json', 'model.safetensors', 'vocab.json']);
  // The command that is given again removes what is left.
  await thrown(() => checkOutFolder(folder, false), 'invalid-option', 'has a model already');
  assert.not.ok(existsSync(join(folder, STAGE)));
  mkdirSync(join(folder, STAGE));
  writeFileSync(join(folder, STAGE, '.replacement.json'), JSON.stringify(replacement));
  writeFileSync(join(folder, 'index.json'), 'old');
  await thrown(list, 'invalid-file', 'new files beside old ones');
});

test.run();
