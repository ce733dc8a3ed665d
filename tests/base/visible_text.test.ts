import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { visibleText, withoutControls } from '../../src/base/visible_text.js';

test('control characters become visible, line feeds and tabs stay', () => {
  assert.is(
    withoutControls('a\u001b[31mb\r\n\t\u0000\u007f\u009b'),
    'a\u241b[31mb\u240d\n\t\u2400\u2421\ufffd',
  );
  assert.is(withoutControls('e\u0301 🙂 日本'), 'e\u0301 🙂 日本');
});

test('white space that cannot be seen becomes visible', () => {
  assert.is(visibleText('  a b \n\t'), '\u00b7\u00b7a b \u21b5\u21e5');
  assert.is(visibleText(' '), '\u00b7');
  assert.is(visibleText('a '), 'a\u00b7');
});

test.run();
