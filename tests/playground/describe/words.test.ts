import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WordJoiner } from '../../../src/playground/describe/words.js';

/** Words of tokens; the attention of each token to its only patch is its place. */
function wordsOf(texts: readonly string[]): [string, number][] {
  const joiner = new WordJoiner();
  for (const [i, text] of texts.entries()) joiner.add({ text, attention: Float32Array.of(i) });
  return joiner.words.map(({ text, weights }) => [text, weights[0]!]);
}

test('a word begins with a space, keeps its signs, and has the mean weights of its tokens', () => {
  assert.equal(wordsOf(['A', ' c', 'at', '.', ' It', ' sle', 'eps', '']), [
    ['A', 0],
    ['cat.', 2],
    ['It', 4],
    ['sleeps', 5.5],
  ]);
  assert.equal(wordsOf([' a', ' ', 'b', '\n', ' c ']), [
    ['a', 0.5],
    ['b', 2.5],
    ['c', 4],
  ]);
});

test('the pieces of a character belong to its word, and the end of a caption to none', () => {
  assert.equal(wordsOf([' a', '', '', ' \u{1F600}', '!', '']), [
    ['a', 0],
    ['\u{1F600}!', 2.5],
  ]);
  assert.equal(wordsOf(['', '']), []);
  assert.equal(wordsOf([' a b', 'c']), [
    ['a', 0],
    ['bc', 0.5],
  ]);
});

test.run();
