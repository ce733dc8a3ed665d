import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MAX_CACHED_BYTES, WordCache } from '../../../src/tokenizer/bpe/word_cache.js';

/** A cache of words, each with its hash and with ids that are computed from the word. */
function textCache(hashOf: (word: string) => number) {
  const cache = new WordCache();
  const bytesOf = (word: string) => new TextEncoder().encode(`<${word}>`);
  const idsOf = (word: string) => [...bytesOf(word)].map((byte, i) => byte * 1000 + i);
  return {
    idsOf,
    write(word: string) {
      const bytes = bytesOf(word);
      cache.write(bytes, 1, bytes.length - 1, hashOf(word), [-1, ...idsOf(word)], 1);
    },
    read(word: string): number[] | undefined {
      const bytes = bytesOf(word);
      const out = [7];
      return cache.read(bytes, 1, bytes.length - 1, hashOf(word), out) ? out.slice(1) : undefined;
    },
  };
}

test('a word is known once it is written', () => {
  const cache = textCache((word) => word.length);
  const words = ['a', 'abcd', 'x'.repeat(MAX_CACHED_BYTES)];
  for (const word of words) {
    assert.is(cache.read(word), undefined);
    cache.write(word);
  }
  for (const word of words) assert.equal(cache.read(word), cache.idsOf(word));
  assert.is(cache.read('b'), undefined, 'another word of the same hash and length');
});

test('words of one hash never get the ids of another, however many there are', () => {
  const cache = textCache(() => -1);
  const words = Array.from({ length: 1000 }, (_, i) => `w${i}`);
  let known = 0;
  for (const word of words) {
    cache.write(word);
    assert.equal(cache.read(word), cache.idsOf(word));
  }
  for (const word of words) {
    const ids = cache.read(word);
    if (ids !== undefined) assert.equal(ids, cache.idsOf(word));
    known += Number(ids !== undefined);
  }
  assert.ok(known > 0 && known < 100, `${known} are in the few slots of one hash`);
});

test('a full cache forgets, and never answers wrongly', () => {
  const cache = textCache((word) => Math.imul(Number(word.slice(1)), 0x9e3779b1));
  const words = Array.from({ length: 60_000 }, (_, i) => `w${i}`);
  for (const word of words) cache.write(word);
  let known = 0;
  for (const word of words) {
    const ids = cache.read(word);
    if (ids === undefined) continue;
    known++;
    if (ids.join() !== cache.idsOf(word).join()) assert.equal(ids, cache.idsOf(word), word);
  }
  assert.ok(known > 0 && known < words.length, `${known} known`);
  assert.equal(cache.read('w59999'), cache.idsOf('w59999'));
});

test.run();
