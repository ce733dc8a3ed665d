import { execFileSync } from 'node:child_process';
import { lstat, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkNewFile, writeNewFile } from '../../../src/cli/outputs/new_file.js';
import { thrown } from '../../support/thrown.js';
import { unless } from '../../support/unless.js';

test('a path that cannot become a file is refused before the work', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gpt2-wasm-'));
  const file = join(folder, 'file');
  await writeFile(file, '');
  await thrown(() => checkNewFile(folder, true), 'invalid-option', 'is a folder');
  await thrown(() => checkNewFile(file, false), 'invalid-option', '--force overwrites it');
  await thrown(() => checkNewFile(file, undefined), 'invalid-option', 'give another path');
  await thrown(() => checkNewFile(join(folder, 'no', 'new'), false), 'not-found', /new cannot be written/);
  await thrown(() => checkNewFile(join(file, 'new'), true), 'not-found', /new cannot be written/);
  await thrown(() => checkNewFile('', true), 'invalid-option', 'is empty');
  await thrown(() => checkNewFile(`${join(folder, 'new')}/`, true), 'invalid-option', 'is a folder');
  const long = join(folder, 'n'.repeat(255));
  await thrown(() => checkNewFile(long, true), 'storage', 'the name is too long');
  await checkNewFile(file, true);
  await checkNewFile(join(folder, 'new'), undefined);
  await checkNewFile('a name that no file has', false);
  await rm(folder, { recursive: true });
});

unless(process.platform === 'win32' ? 'Windows has no such files' : undefined)(
  'a pipe, and a link to nothing, are not replaced by a file, also by force',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gpt2-wasm-'));
    const [pipe, link] = [join(folder, 'pipe'), join(folder, 'link')];
    execFileSync('mkfifo', [pipe]);
    await symlink('nothing', link);
    await thrown(() => writeNewFile(pipe, '', true), 'invalid-option', 'is no file, but a pipe or a device');
    await thrown(() => writeNewFile(link, '', true), 'invalid-option', 'is a link to nothing');
    await thrown(
      () => checkNewFile('/dev/null', true),
      'invalid-option',
      'is no file, but a pipe or a device',
    );
    assert.ok((await lstat(pipe)).isFIFO());
    assert.ok((await lstat(link)).isSymbolicLink());
    await rm(folder, { recursive: true });
  },
);

unless(process.platform === 'win32' ? 'Windows has no such modes' : undefined)(
  'a file that is replaced keeps who may read it, and a link to it stays',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gpt2-wasm-'));
    const [file, link] = [join(folder, 'file'), join(folder, 'link')];
    await writeFile(file, 'old', { mode: 0o600 });
    await symlink('file', link);
    await writeNewFile(link, 'new', true);
    assert.ok((await lstat(link)).isSymbolicLink());
    assert.is(await readFile(file, 'utf8'), 'new');
    assert.is((await stat(file)).mode & 0o777, 0o600);
    await rm(folder, { recursive: true });
  },
);

test.run();
