import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import { checkNewFile } from '../../../src/cli/outputs/new_file.js';
import { thrown } from '../../support/thrown.js';

test('a path that cannot become a file is refused before the work', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gpt2-wasm-'));
  const file = join(folder, 'file');
  await writeFile(file, '');
  await thrown(() => checkNewFile(folder, true), 'invalid-option', 'is a folder');
  await thrown(() => checkNewFile(file, false), 'invalid-option', '--force overwrites it');
  await thrown(() => checkNewFile(file, undefined), 'invalid-option', 'give another path');
  await thrown(() => checkNewFile(join(folder, 'no', 'new'), false), 'not-found', /new cannot be written/);
  await thrown(() => checkNewFile(join(file, 'new'), true), 'not-found', /new cannot be written/);
  await checkNewFile(file, true);
  await checkNewFile(join(folder, 'new'), undefined);
  await checkNewFile('a name that no file has', false);
  await rm(folder, { recursive: true });
});

test.run();
