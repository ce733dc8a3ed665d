import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tokenizerFromSource } from '../../../src/tokenizer/files/load.js';
import { randomSource } from '../../support/random.js';
import { folderFixture } from '../../support/sources.js';
import { BYTE_SYMBOLS, loadFiles, type Random, randomText, readFixture, wellFormed } from '../helpers.js';

const vocab: Record<string, number> = JSON.parse(readFixture('vocab.json'));
const ranks = new Map(
  readFixture('merges.txt')
    .split('\n')
    .slice(1)
    .map((line, rank) => [line, rank]),
);
const gpt2 = await tokenizerFromSource(folderFixture('fixtures/gpt2-tokenizer'));

/** The reference implementation: byte-pair encoding of one piece, on strings. */
function naiveIds(piece: string): number[] {
  let parts = [...new TextEncoder().encode(piece)].map((byte) => BYTE_SYMBOLS[byte]!);
  for (;;) {
    let lowest = Infinity;
    let at = -1;
    for (let i = 0; i + 1 < parts.length; i++) {
      const rank = ranks.get(`${parts[i]} ${parts[i + 1]}`) ?? Infinity;
      if (rank < lowest) [lowest, at] = [rank, i];
    }
    if (at === -1) return parts.map((part) => vocab[part]!);
    parts = [...parts.slice(0, at), parts[at]! + parts[at + 1]!, ...parts.slice(at + 2)];
  }
}

function randomWord(random: Random, length: number, letters: readonly string[]): string {
  return Array.from({ length }, () => random.pick(letters)).join('');
}

test('short words are merged as the definition says', () => {
  const random = randomSource(2);
  for (let i = 0; i < 1500; i++) {
    const word = randomWord(random, 1 + random.below(20), [...'etaoinshrdlu']);
    assert.equal(gpt2.encode(word), naiveIds(word), word);
  }
});

test('words of a length around the change of algorithm are merged as the definition says', () => {
  const random = randomSource(3);
  for (const length of [63, 64, 65, 66, 126, 127, 128, 129, 130, 200, 700]) {
    for (const letters of ['etaoinshrdlu', 'abcdefghijklmnopqrstuvwxyz', 'a', 'ha', 'éè漢']) {
      const word = randomWord(random, length, [...letters]);
      assert.equal(gpt2.encode(word), naiveIds(word), word);
    }
  }
});

test('a merge that makes an earlier one possible comes before the rest', async () => {
  // Rank 0 needs "bc", which rank 1 makes; it must then be applied before rank 1 is applied again.
  const letters = { a: 0, b: 1, c: 2, bc: 3, abc: 4, cb: 5 };
  const tokenizer = await loadFiles({ 'vocab.json': letters, 'merges.txt': 'a bc\nb c\nc b\n' });
  assert.equal(tokenizer.encode('abcbc'), [4, 3]);
  assert.equal(tokenizer.encode('abc'.repeat(100)), new Array(100).fill(4));
  assert.equal(tokenizer.encode('cbcb'), [2, 3, 1]);
});

test('of two merges for one pair the later counts', async () => {
  const letters = { a: 0, b: 1, c: 2, ab: 3, bc: 4 };
  const tokenizer = await loadFiles({ 'vocab.json': letters, 'merges.txt': 'a b\nb c\na b\n' });
  assert.equal(tokenizer.encode('abc'), [0, 4]);
});

test('the word cache answers as if it were not there, also after it overflows', async () => {
  const random = randomSource(4);
  const fresh = await tokenizerFromSource(folderFixture('fixtures/gpt2-tokenizer'));
  const words = Array.from({ length: 60_000 }, () =>
    randomWord(random, 1 + random.below(16), [...'abcdefghijklmnopqrstuvwxyz']),
  );
  const first = words.map((word) => fresh.encode(word));
  for (let i = 0; i < words.length; i += 37) assert.equal(first[i], naiveIds(words[i]!), words[i]);
  const second = words.map((word) => fresh.encode(word));
  for (let i = 0; i < words.length; i++) {
    if (first[i]!.join() !== second[i]!.join()) assert.equal(second[i], first[i], words[i]);
  }
});

test('random Unicode text survives a round trip, lone surrogates as U+FFFD', () => {
  const random = randomSource(5);
  let malformed = 0;
  for (let i = 0; i < 3000; i++) {
    const text = randomText(random, 80);
    const expected = wellFormed(text);
    if (expected !== text) malformed++;
    assert.is(gpt2.decode(gpt2.encode(text)), expected, JSON.stringify(text));
  }
  assert.ok(malformed > 100, 'the texts have lone surrogates');
});

for (const [name, text] of [
  ['a byte order mark at the start', '\ufeffabc'],
  ['control characters', '\u0000\u0001\u001f\u007f\u0080'],
  ['combining marks', 'e\u0301\u0302\u0303 a\u0308'],
  ['right-to-left text', 'שלום עליכם, مرحبا بالعالم'],
  ['a family of emoji', '👩‍👩‍👧‍👦🏳️‍🌈'],
  ['line ends of all kinds', 'a\r\nb\rc\nd\u2028e\u2029f\u0085g'],
] as const) {
  test(`${name} survives a round trip`, () => {
    assert.is(gpt2.decode(gpt2.encode(text)), text);
  });
}

test('a lone surrogate has the ids of U+FFFD', () => {
  assert.equal(gpt2.encode('a\ud800b'), gpt2.encode('a\ufffdb'));
  assert.equal(gpt2.encode('\udc00'), gpt2.encode('\ufffd'));
});

test.run();
