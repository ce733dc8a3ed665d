import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../src/base/errors.js';

test('a message with a name of any length has at most 4000 characters', () => {
  const { message } = new Gpt2Error('invalid-file', `the file has the tensor ${'x'.repeat(1e6)}`);
  assert.is(message.length, 4000);
  assert.ok(message.startsWith('the file has the tensor xxx'));
});

test.run();
