import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Examination } from '../../../src/examine/text/examination.js';
import { spread, wordsToAsk } from '../../../src/examine/tutoring/cloze_rule.js';
import { holds } from '../../support/property.js';

interface Given {
  readonly text: string;
  readonly surprisal: number;
  readonly rank: number;
}

/** A text of words of one token each. */
function examined(given: readonly Given[]): Examination {
  let offset = 0;
  const words = given.map(({ text, surprisal, rank }, i) => {
    const start = offset;
    offset += text.length;
    const word = { text, start, end: offset, firstToken: i, tokenCount: 1, surprisal, rank, id: 0, top: [] };
    offset++;
    return word;
  });
  return { text: given.map(({ text }) => text).join(' '), tokens: words, words } as unknown as Examination;
}

const words = fc.array(
  fc.record({
    text: fc.constantFrom('dog', 'cats,', 'a', 'I', '12', 'house', '"Stop!"', '--'),
    surprisal: fc.double({ min: 0, max: 12, noNaN: true }),
    rank: fc.integer({ min: 1, max: 60 }),
  }),
  { maxLength: 30 },
);
const bounds = fc.record({
  minBits: fc.double({ min: 0, max: 5, noNaN: true }),
  maxBits: fc.double({ min: 5, max: 12, noNaN: true }),
  maxRank: fc.integer({ min: 1, max: 60 }),
  minLetters: fc.integer({ min: 2, max: 5 }),
  spacing: fc.integer({ min: 1, max: 5 }),
});

test('exactly the words within the bounds can be asked, those nearest to the middle first', () =>
  holds(
    'words to ask',
    fc.tuple(words, bounds),
    async ([given, limits]) => {
      const asked = wordsToAsk(examined(given), limits);
      const letters = (text: string) => text.replaceAll(/[^a-z]/gi, '');
      const expected = given.flatMap(({ text, surprisal, rank }, i) => {
        const isIn = surprisal >= limits.minBits && surprisal <= limits.maxBits && rank <= limits.maxRank;
        return i > 0 && isIn && letters(text).length >= limits.minLetters ? [i] : [];
      });
      assert.equal(
        asked.map(({ index }) => index).sort((a, b) => a - b),
        expected,
      );
      const middle = (limits.minBits + limits.maxBits) / 2;
      const distances = asked.map(({ surprisal }) => Math.abs(surprisal - middle));
      assert.equal(
        distances,
        distances.slice().sort((a, b) => a - b),
      );
    },
    200,
  ));

test('chosen words keep their distance, and no better word could be added', () =>
  holds(
    'spread words',
    fc.tuple(words, bounds, fc.integer({ min: 1, max: 8 })),
    async ([given, limits, count]) => {
      const asked = wordsToAsk(examined(given), limits);
      const chosen = spread(asked, count, limits.spacing).map(({ index }) => index);
      const isNear = (a: number, b: number) => Math.abs(a - b) < limits.spacing;
      assert.equal(
        chosen,
        [...new Set(chosen)].sort((a, b) => a - b),
      );
      assert.ok(chosen.length <= count);
      for (const [i, index] of chosen.entries()) assert.not(i > 0 && isNear(chosen[i - 1]!, index));
      if (chosen.length === count) return;
      for (const { index } of asked) assert.ok(chosen.some((other) => isNear(other, index)));
    },
    200,
  ));

test.run();
