import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Lexicon } from '../../../../src/examine/bias/lexicon/lexicon.js';
import { thrown } from '../../../support/thrown.js';

const lexicon = new Lexicon(['Bad', 'not very nice', 'semi-evil', '\u{60aa}\u{3044}']);

test('whole words and phrases are found in any case and with any marks between', () => {
  for (const text of [
    'so BAD!',
    'bad',
    'It is "not very, nice".',
    'semi evil',
    'ｂａｄ',
    'とても\u{60aa}\u{3044}です',
  ]) {
    assert.ok(lexicon.isIn(text), text);
  }
  for (const text of ['badly', 'abad', 'not nice', 'very nice', '', '...', 'evil']) {
    assert.not.ok(lexicon.isIn(text), text);
  }
});

test('the first words are compared alone where a beginning is asked for', () => {
  for (const text of [' bad man', 'not very nice at all', '\u{60aa}\u{3044}'])
    assert.ok(lexicon.begins(text), text);
  for (const text of ['a bad man', 'not very', 'too \u{60aa}\u{3044}', ''])
    assert.not.ok(lexicon.begins(text), text);
});

test('a list without words is refused', async () => {
  await thrown(() => new Lexicon([]), 'invalid-option', 'words');
  await thrown(() => new Lexicon(['...', '']), 'invalid-option', 'words');
  await thrown(() => new Lexicon([3] as never), 'invalid-option', 'words');
});

test.run();
