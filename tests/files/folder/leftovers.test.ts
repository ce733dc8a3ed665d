import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeNewFile } from '../../../src/cli/outputs/new_file.js';
import { folderTarget } from '../../../src/files/folder/folder_target.js';
import { unfinishedName } from '../../../src/files/folder/leftovers.js';
import { trainingStateFolder } from '../../../src/files/folder/training_state_folder.js';

const GONE = spawnSync(process.execPath, ['-e', '']).pid;
const dead = (path: string) => `${path}.${GONE}-0123abcd.unfinished`;
/** The unfinished name of another process that still runs. */
const alive = (path: string) => `${path}.${process.ppid}-0123abcd.unfinished`;

let folder: string;
test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-leftovers-'));
});
test.after.each(() => rmSync(folder, { recursive: true }));

const names = (path = folder) => readdirSync(path).sort();

/** A folder with a part of a file, as of a killed process. */
function halfFolder(path: string): void {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'model.safetensors'), 'half');
}

async function writeModel(path: string): Promise<void> {
  const target = folderTarget(path);
  await target.write('config.json', [new Uint8Array(1)]);
  await target.commit();
}

test('what a process that is gone left unfinished is removed by the next that writes there', async () => {
  const path = join(folder, 'a.gguf');
  for (const left of [dead(path), alive(path), dead(join(folder, 'b.gguf'))]) writeFileSync(left, 'half');
  assert.ok(unfinishedName(path).startsWith(`${path}.${process.pid}-`));
  assert.is.not(unfinishedName(path), unfinishedName(path));
  await writeNewFile(
    path,
    async function* () {
      yield new Uint8Array(1);
    },
    false,
  );
  assert.equal(
    names().map((name) => join(folder, name)),
    [path, alive(path), dead(join(folder, 'b.gguf'))].sort(),
  );
});

test('the same for a folder of a model, be it new or there', async () => {
  const path = join(folder, 'model');
  for (const left of [dead(path), alive(path)]) halfFolder(left);
  await writeModel(path);
  assert.equal(
    names().map((name) => join(folder, name)),
    [path, alive(path)].sort(),
  );
  assert.equal(names(path), ['config.json']);

  // A process may have been killed before the folder was there, or after.
  for (const left of [dead(path), dead(join(path, '.part')), alive(join(path, '.part'))]) halfFolder(left);
  await writeModel(path);
  assert.not.ok(existsSync(dead(path)));
  assert.equal(names(path).length, 2, names(path).join());
  assert.ok(existsSync(alive(join(path, '.part'))));
});

test('two that write one folder at the same time do not write into each other', async () => {
  const path = join(folder, 'model');
  const [first, second] = [folderTarget(path), folderTarget(path)];
  await first.write('a', [Uint8Array.of(1)]);
  await second.write('b', [Uint8Array.of(2)]);
  await first.commit();
  await second.commit();
  assert.equal(names(path), ['a', 'b']);
  assert.equal(names(), ['model']);
});

test('checkpoints that a killed process was writing are removed with those that are not kept', async () => {
  const step = (number: number) => join(folder, `step-${String(number).padStart(10, '0')}`);
  for (const left of [step(1), step(2), dead(step(3)), alive(step(3)), dead(join(folder, 'notes'))]) {
    halfFolder(left);
  }
  await trainingStateFolder(folder).prune(2);
  assert.equal(
    names().map((name) => join(folder, name)),
    [step(2), alive(step(3)), dead(join(folder, 'notes'))].sort(),
  );
});

test.run();
