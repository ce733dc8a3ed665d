import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { utf8Length } from '../../src/base/utf8_length.js';
import { holds } from '../support/property.js';

test('a text has as many bytes in UTF-8 as its encoding, single surrogates included', async () => {
  const units = fc.constantFrom(
    'a',
    '\u007f',
    '\u0080',
    '\u07ff',
    '\u0800',
    '\ud83d',
    '\ude00',
    '\uffff',
    '🦊',
  );
  await holds(
    'bytes',
    fc.array(units, { maxLength: 8 }).map((parts) => parts.join('')),
    async (text) => assert.is(utf8Length(text), new TextEncoder().encode(text).length, JSON.stringify(text)),
    500,
  );
});

test.run();
