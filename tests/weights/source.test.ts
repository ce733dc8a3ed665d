import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assertModelSource } from '../../src/weights/source.js';
import { memorySource } from '../support/sources.js';
import { throws } from './support.js';

test('a source with name, list and read passes, wherever it has them', () => {
  const plain = memorySource('mem', {});
  class Shelf {
    readonly name = 'shelf';
    async list() {
      return [];
    }
    async read() {
      return new Uint8Array(0);
    }
  }
  const download = async () => {};
  for (const value of [plain, Object.freeze({ ...plain, download, more: 1 }), new Shelf()]) {
    assert.not.throws(() => assertModelSource(value));
  }
});

test('a source that lacks something is refused', () => {
  const { name, list, read } = memorySource('mem', {});
  for (const value of [{ name, list }, { name, read }, { list, read }, {}, null, undefined, 'folder', 3]) {
    throws(() => assertModelSource(value), 'invalid-option', /list\(\) and read\(/);
  }
});

test.run();
