import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TokenFinder } from '../../src/tokenizer/token_finder.js';
import { randomSource } from '../support/random.js';
import { assertGrowth, leastWork } from '../support/work.js';

/** The reference implementation: tries every text of the list at every place. */
function foundByTrying(texts: readonly string[], text: string): [item: number, index: number][] {
  const found: [item: number, index: number][] = [];
  for (let index = 0; index < text.length; ) {
    let longest = -1;
    texts.forEach((candidate, item) => {
      if (!text.startsWith(candidate, index)) return;
      if (longest === -1 || candidate.length > texts[longest]!.length) longest = item;
    });
    if (longest !== -1) found.push([longest, index]);
    index += longest === -1 ? 1 : texts[longest]!.length;
  }
  return found;
}

const foundIn = (texts: readonly string[], text: string) =>
  [...new TokenFinder(texts).find(text)].map(({ item, index }) => [item, index]);

test('finds the leftmost and of those the longest, as trying every text at every place does', () => {
  const random = randomSource(11);
  const letters = ['a', 'b', 'c', '\u0000', '\uffff', '\ud83d', '\ude00', '.'];
  const word = (most: number, kinds: number) =>
    Array.from({ length: 1 + random.below(most) }, () => letters[random.below(kinds)]!).join('');
  let found = 0;
  for (let trial = 0; trial < 3000; trial++) {
    const kinds = 1 + random.below(letters.length);
    const texts = [...new Set(Array.from({ length: 1 + random.below(12) }, () => word(6, kinds)))];
    const text = word(40, kinds);
    const expected = foundByTrying(texts, text);
    found += expected.length;
    assert.equal(foundIn(texts, text), expected, JSON.stringify({ texts, text }));
  }
  assert.ok(found > 3000);
});

test('finds nothing in an empty text, and a text that ends within one of the list', () => {
  assert.equal(foundIn(['ab'], ''), []);
  assert.equal(foundIn(['abc', 'bcd', 'c'], 'aab'), []);
  assert.equal(foundIn(['abcd', 'b'], 'abc'), [[1, 1]]);
});

test('texts that repeat themselves take a time that grows with the searched text alone', async () => {
  const work = (length: number) => {
    const finder = new TokenFinder(['a', `${'a'.repeat(length)}b`, `b${'a'.repeat(length)}`]);
    const text = 'a'.repeat(4 * length);
    return leastWork(() => assert.is([...finder.find(text)].length, text.length));
  };
  await assertGrowth(
    () => work(160_000),
    () => work(10_000),
    80,
    '16 times the text and the list',
  );
});

test.run();
