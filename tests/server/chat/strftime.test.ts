import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { strftime } from '../../../src/server/chat/strftime.js';

test('times are written as Python writes them in UTC', () => {
  const path = new URL('../../fixtures/chat-templates/strftime.json', import.meta.url);
  const cases = JSON.parse(readFileSync(path, 'utf8')) as readonly [string, string, string][];
  for (const [time, format, text] of cases) assert.is(strftime(format, new Date(time)), text, format);
  assert.ok(cases.length > 50);
});

test('a directive that is not known is refused', () => {
  const time = new Date(0);
  for (const format of ['%Q', '%', '%-', '%constructor', '% d']) {
    assert.throws(() => strftime(format, time), /strftime_now does not know %/, format);
  }
  assert.is(strftime('no directive', time), 'no directive');
});

test.run();
