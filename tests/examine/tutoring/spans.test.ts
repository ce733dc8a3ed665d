import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bare, bitsIn, partAt } from '../../../src/examine/tutoring/spans.js';
import { holds } from '../../support/property.js';

test('the part with a character is found as by looking at all parts', () =>
  holds(
    'parts',
    // Gaps before the parts and their lengths; tokens inside a character have none.
    fc.array(fc.tuple(fc.nat(2), fc.nat(3)), { maxLength: 12 }),
    async (sizes) => {
      let offset = 0;
      const parts = sizes.map(([gap, length]) => {
        const start = offset + gap;
        offset = start + length;
        return { start, end: offset };
      });
      for (let at = 0; at <= offset + 1; at++) {
        const expected = parts.findIndex(({ start, end }) => start <= at && at < end);
        assert.is(partAt(parts, at), expected);
      }
    },
    200,
  ));

test('a word is bare without what stands around its letters', () => {
  for (const [before, word, after] of [
    ['', 'dog', '.'],
    ['("', 'don\u2019t', '!")'],
    ['\u2014', 'na\u00EFve', ''],
    ['', 'e\u0301', ','],
    ['...', '', ''],
  ]) {
    const text = `x ${before}${word}${after} y`;
    const { start, end } = bare(text, { start: 2, end: text.length - 2 });
    assert.is(text.slice(start, end), word);
  }
});

test('the surprisal of a part is that of its tokens, if all of them are scored', () => {
  const token = (start: number, end: number, surprisal?: number) => ({
    ...{ id: 0, text: '', start, end, top: [] },
    ...(surprisal !== undefined && { surprisal }),
  });
  const tokens = [token(0, 2), token(2, 5, 1.5), token(5, 6, 2), token(6, 9, 4)];
  assert.is(bitsIn(tokens, { start: 3, end: 6 }), 3.5);
  assert.is(bitsIn(tokens, { start: 5, end: 7 }), 6);
  assert.is(bitsIn(tokens, { start: 1, end: 4 }), undefined);
});

test.run();
