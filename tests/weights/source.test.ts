import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assertModelSource } from '../../src/weights/source.js';
import { memorySource } from '../support/sources.js';
import { throws } from './support.js';

test('a source with name, list and read passes', () => {
  assert.is(assertModelSource(memorySource('mem', {})), undefined);
});

test('a source that lacks something is refused', () => {
  const { name, list, read } = memorySource('mem', {});
  for (const value of [{ name, list }, { name, read }, { list, read }, {}, null, undefined, 'folder', 3]) {
    throws(() => assertModelSource(value), 'invalid-option', /list\(\) and read\(/);
  }
});

test.run();
