import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MOST_LINES, readHistory, writeHistory } from '../../../src/cli/chatting/history.js';
import { dataFolder } from '../../../src/cli/users/data_folder.js';
import { Users, userName } from '../../../src/cli/users/users.js';
import { inFolder } from '../../support/in_folder.js';
import { holds } from '../../support/property.js';
import { thrown } from '../../support/thrown.js';

const STATE = { system: 'Be kind.', seed: 5, exchanges: [{ user: 'a\n', answer: '😀', tries: 2 }] };

test('names of users are names of folders and nothing else', async () => {
  for (const name of ['ann', 'Ann-2', 'josé', 'a.b_c', '李', 'x'.repeat(48)]) {
    assert.is(userName(name, '--user'), name);
  }
  assert.is(userName('jose\u0301', '--user'), 'josé');
  const wrong = [
    '',
    '.',
    '..',
    '../a',
    'a/b',
    'a\\b',
    '/a',
    '-a',
    'a ',
    'a\n',
    'a\0',
    'a.',
    'CON',
    'nul.txt',
    'com1',
  ];
  for (const name of [...wrong, 'x'.repeat(49), 'a:b', '~', '\u202ea', 'a\u202e']) {
    await thrown(() => userName(name, '--user'), 'invalid-option', '--user is', 'letters, digits');
  }
  await holds(
    'names',
    fc.string({ unit: fc.constantFrom('a', '.', '/', '\\', '-', '\0', 'é', ':'), maxLength: 5 }),
    async (text) => {
      let name: string;
      try {
        name = userName(text, '--user');
      } catch {
        return;
      }
      assert.is(join('/data', name), `/data/${name}`);
    },
    200,
  );
});

test('what is kept of a user is read again, listed and deleted, and only its owner reads it', () =>
  inFolder({}, async (folder) => {
    const users = new Users(join(folder, 'users'));
    assert.equal(await users.list(), []);
    const ann = await users.get('ann');
    assert.equal([await users.dialogueOf(ann), await users.sessionOf(ann)], [undefined, undefined]);
    await users.saveDialogue(ann, STATE);
    await users.saveSession(ann, Uint8Array.of(1, 2));
    await users.saveDialogue(ann, STATE);
    assert.equal(await users.dialogueOf(ann), STATE);
    assert.equal([...(await users.sessionOf(ann))!], [1, 2]);
    if (process.platform !== 'win32') {
      for (const name of ['dialogue.json', 'session.bin']) {
        assert.is(statSync(join(ann.folder, name)).mode & 0o777, 0o600);
      }
    }
    const bob = await users.get('bob');
    mkdirSync(bob.adapter, { recursive: true });
    writeFileSync(join(bob.adapter, 'adapter_config.json'), '{}');
    writeFileSync(join(folder, 'users', 'file'), '');
    const listed = await users.list();
    assert.equal(
      listed.map(({ name, hasAdapter }) => [name, hasAdapter]),
      [
        ['ann', false],
        ['bob', true],
      ],
    );
    await users.forget('ann');
    assert.equal(await users.dialogueOf(ann), undefined);
    await thrown(() => users.forget('ann'), 'not-found', 'there is no user ann');
    assert.equal((await users.list()).length, 1);
  }));

test('to forget a user whose folder is a link deletes the link alone', () =>
  inFolder({ 'own/file': 'x' }, async (folder) => {
    const users = new Users(join(folder, 'users'));
    mkdirSync(join(folder, 'users'));
    symlinkSync(join(folder, 'own'), join(folder, 'users', 'ann'), 'junction');
    await users.forget('ann');
    assert.is(readFileSync(join(folder, 'own', 'file'), 'utf8'), 'x');
  }));

test('a damaged dialogue is refused with the way out', () =>
  inFolder({}, async (folder) => {
    const users = new Users(join(folder, 'users'));
    const ann = await users.get('ann');
    await users.saveDialogue(ann, STATE);
    const path = join(ann.folder, 'dialogue.json');
    const whole = readFileSync(path, 'utf8');
    const other = (change: object) => JSON.stringify({ ...JSON.parse(whole), ...change });
    const damaged = [
      ...['', '5', whole.slice(0, -10), '['.repeat(100_000), Uint8Array.of(0xff)],
      ...[other({ version: 2 }), other({ seed: -1 }), other({ seed: 0.5 }), other({ system: 5 })],
      ...[other({ exchanges: {} }), other({ exchanges: [null] }), other({ exchanges: [{ user: 'a' }] })],
      other({ exchanges: [{ user: 'a', answer: 'b', tries: '1' }] }),
    ];
    for (const content of damaged) {
      writeFileSync(path, content);
      await thrown(() => users.dialogueOf(ann), 'invalid-file', path, 'chat --forget ann');
    }
    writeFileSync(path, whole);
    assert.equal(await users.dialogueOf(ann), STATE);
  }));

test('the history keeps the latest lines that can be shown', () =>
  inFolder({}, async (folder) => {
    const path = join(folder, 'deep', 'chat_history');
    assert.equal(await readHistory(path), []);
    const many = Array.from({ length: MOST_LINES + 5 }, (_, i) => `line ${i}`);
    await writeHistory(path, ['b', 'x'.repeat(5000), 'a\u001b[2J', '', 'a']);
    assert.equal(await readHistory(path), ['b', 'a']);
    assert.is(readFileSync(path, 'utf8'), 'a\nb\n');
    await writeHistory(path, many);
    assert.equal(await readHistory(path), many.slice(0, MOST_LINES));
    writeFileSync(path, Buffer.from([0x61, 0xff, 0x0a, 0x00, 0x0a, 0x62]));
    assert.equal(await readHistory(path), ['b', 'a\ufffd']);
    assert.equal(await readHistory(folder), []);
  }));

test('data are kept where the system wants them', () => {
  assert.is(dataFolder({ XDG_DATA_HOME: '/data' }), join('/data', 'gpt2-wasm'));
  const windows = process.platform === 'win32';
  if (windows) assert.is(dataFolder({ LOCALAPPDATA: 'C:\\Data' }), join('C:\\Data', 'gpt2-wasm'));
  else assert.match(dataFolder({ LOCALAPPDATA: '/data' }), /\.local\/share\/gpt2-wasm$/);
});

test.run();
