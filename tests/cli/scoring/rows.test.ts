import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shownPlace } from '../../../src/cli/scoring/rows.js';

test('the beginning of a text is shown on one line, without codes that a terminal obeys', () => {
  const text = ' a\tb\r\n\u001b[2Jc\u009b\u0000 ';
  assert.is(shownPlace({ file: 'a.txt', line: 3, text }), 'a.txt:3  a b \u241b[2Jc\ufffd\u2400');
  const long = shownPlace({ file: 'b', line: 1, text: '\u{1f600}'.repeat(41) });
  assert.is(long, `b:1  ${'\u{1f600}'.repeat(40)} …`);
});

test.run();
