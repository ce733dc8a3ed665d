import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hints } from '../../../src/examine/tutoring/hints.js';
import { thrown } from '../../support/thrown.js';

test('hints reveal a little more each time', () => {
  assert.equal(hints({ answer: 'great', alternative: 'big' }), [
    { kind: 'length', value: '5' },
    { kind: 'letter', value: 'g' },
    { kind: 'alternative', value: 'big' },
    { kind: 'answer', value: 'great' },
  ]);
});

test('a word without an alternative has one hint less', () => {
  assert.equal(
    hints({ answer: '\u{1D4D0}b' }).map(({ kind, value }) => [kind, value]),
    [
      ['length', '2'],
      ['letter', '\u{1D4D0}'],
      ['answer', '\u{1D4D0}b'],
    ],
  );
});

test('a word without letters is refused', async () => {
  for (const wrong of [undefined, {}, { answer: '' }, { answer: 5 }]) {
    await thrown(() => hints(wrong as never), 'invalid-option', 'a word');
  }
});

test.run();
