import { mkdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { servedUsers } from '../../../src/cli/serving/served_users.js';
import { Users } from '../../../src/cli/users/users.js';
import { inFolder, writeFiles } from '../../support/in_folder.js';
import { thrown } from '../../support/thrown.js';

test('a user with a folder has its adapter, and nobody has that of a folder elsewhere', () =>
  inFolder(
    { 'users/ann/adapter/adapter_config.json': '{}', 'own/adapter/adapter_config.json': '{}' },
    async (folder) => {
      const { adapters } = await servedUsers(join(folder, 'users'));
      assert.equal((await adapters('ann'))!.adapters, [join(folder, 'users', 'ann', 'adapter')]);
      for (const name of [
        '',
        'bob',
        '../own',
        'ann/../../own',
        '.',
        '..',
        'ann\0',
        'x'.repeat(9999),
        '😀',
        'CON',
      ]) {
        assert.is(await adapters(name), undefined, name);
      }
      await thrown(() => servedUsers(join(folder, 'absent')), 'not-found', 'there is no folder', 'create it');
      await thrown(
        () => servedUsers(join(folder, 'own/adapter/adapter_config.json')),
        'not-found',
        'no folder',
      );
    },
  ));

test('the version of an adapter changes with each of its files, also in the same millisecond', () =>
  inFolder({}, async (folder) => {
    const { adapters } = await servedUsers(folder);
    const adapter = join(folder, 'ann', 'adapter');
    const versions = new Set<string | undefined>();
    const noted = async () => versions.add((await adapters('ann'))?.version);
    await noted();
    writeFiles(adapter, { 'adapter_config.json': '{}' });
    await noted();
    writeFiles(adapter, { 'adapter_model.safetensors': 'a' });
    await noted();
    for (const name of ['adapter_config.json', 'adapter_model.safetensors']) {
      // As a finished training does it: another file in its place.
      writeFileSync(join(adapter, 'new'), 'b');
      renameSync(join(adapter, 'new'), join(adapter, name));
      await noted();
      await noted();
    }
    assert.is(versions.size, 5);
  }));

test('feedback of a new user is refused if there are as many as may be', () =>
  inFolder({}, async (folder) => {
    const { feedback } = await servedUsers(folder, 2);
    const thumb = { prompt: 'a', completion: 'b', label: true };
    for (const user of ['ann', 'ben', 'ann']) await feedback!(user, thumb, 'gpt2');
    await thrown(() => feedback!('cid', thumb, 'gpt2'), 'storage', 'has 2 users', '--forget NAME');
    await new Users(folder).forget('ann');
    await feedback!('cid', thumb, 'gpt2');
    assert.equal(
      (await new Users(folder).list()).map(({ name }) => name),
      ['ben', 'cid'],
    );
  }));

test('feedback is added to the choices of a user, under no other name', () =>
  inFolder({}, async (folder) => {
    const { feedback } = await servedUsers(folder);
    await feedback!('jose\u0301', { prompt: 'Once', completion: ' upon', label: true }, 'tiny');
    const [choice, ...more] = await (await new Users(folder).get('josé')).choices.read();
    assert.equal(
      { ...choice, time: '' },
      { prompt: 'Once', completion: ' upon', label: true, model: 'tiny', time: '' },
    );
    assert.equal(more, []);
    for (const name of ['', '..', '../ann', 'a/b', 'x'.repeat(49), 'ann\n']) {
      const thumb = { prompt: '', completion: 'a', label: true };
      await thrown(() => feedback!(name, thumb, 'tiny'), 'invalid-option', 'user is', 'letters');
    }
    if (process.platform === 'win32') return;
    mkdirSync(join(folder, 'elsewhere'));
    assert.is(statSync(join(folder, 'josé', 'choices.jsonl')).mode & 0o777, 0o600);
    symlinkSync(join(folder, 'absent', 'absent'), join(folder, 'bob'));
    await thrown(
      () => feedback!('bob', { prompt: '', completion: 'a', label: true }, 'tiny'),
      'storage',
      'bob',
    );
  }));

test.run();
