import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkedSource } from '../../src/files/checked_source.js';
import { throws } from '../checkpoints/support.js';
import { memorySource } from '../support/sources.js';
import { thrown } from '../support/thrown.js';

const source = memorySource('mem', { 'a.txt': 'abc' });

test('a source with name, list and read is read as it is', async () => {
  const checked = checkedSource(source);
  assert.is(checked.name, 'mem');
  assert.equal(await checked.list(), [{ path: 'a.txt', byteLength: 3 }]);
  assert.equal(await checked.read('a.txt', 1, 3), new TextEncoder().encode('bc'));
});

test('a source has its functions wherever it likes', async () => {
  class Shelf {
    readonly name = 'shelf';
    readonly #files = [{ path: 'a.txt', byteLength: 0 }];
    async list() {
      return this.#files;
    }
    async read() {
      return new Uint8Array(this.#files[0]!.byteLength);
    }
  }
  const download = async () => {};
  for (const value of [Object.freeze({ ...source, download, more: 1 }), new Shelf()]) {
    const checked = checkedSource(value);
    assert.is((await checked.list())[0]!.path, 'a.txt');
    assert.instance(await checked.read('a.txt', 0, 0), Uint8Array);
  }
});

test('a source that lacks something is refused', () => {
  const { name, list, read } = source;
  for (const value of [{ name, list }, { name, read }, { list, read }, {}, null, undefined, 'folder', 3]) {
    throws(() => checkedSource(value), 'invalid-option', /list\(\) and read\(/);
  }
});

test('a source may give bytes as any view', async () => {
  const { buffer } = new TextEncoder().encode('xbc');
  for (const bytes of [new Int8Array(buffer, 1), new DataView(buffer, 1), buffer.slice(1)]) {
    const checked = checkedSource({ ...source, read: async () => bytes });
    assert.equal(await checked.read('a.txt', 1, 3), new TextEncoder().encode('bc'));
  }
});

test('a source that gives no files and no bytes is refused by name', async () => {
  for (const files of [
    undefined,
    'a.txt',
    ['a.txt'],
    [{ path: 'a.txt' }],
    [{ path: 1, byteLength: 3 }],
    new Array(1),
  ]) {
    const checked = checkedSource({ ...source, list: async () => files });
    await thrown(() => checked.list(), 'invalid-option', /list\(\) of mem.*path, byteLength/);
  }
  for (const bytes of [undefined, 'abc', [97, 98, 99]]) {
    const checked = checkedSource({ ...source, read: async () => bytes });
    await thrown(() => checked.read('a.txt', 0, 3), 'invalid-option', /read\(\) of mem gives for a\.txt/);
  }
});

test.run();
