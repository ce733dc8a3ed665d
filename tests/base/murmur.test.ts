import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hex, Murmur128 } from '../../src/base/murmur.js';
import { randomSource } from '../support/random.js';

const hashOf = (...parts: number[][]) => {
  const hash = new Murmur128();
  for (const part of parts) hash.add(Int32Array.from(part));
  return hex(hash.digest());
};

/** The same after the reference's text, in big integers. */
function literal(words: readonly number[]): string {
  const u32 = (x: bigint) => BigInt.asUintN(32, x);
  const rotl = (x: bigint, r: bigint) => u32((x << r) | (x >> (32n - r)));
  const c = [0x239b961bn, 0xab0e9789n, 0x38b34ae5n, 0xa1e38b93n];
  const rotations = [
    [15n, 19n, 0x561ccd1bn],
    [16n, 17n, 0x0bcaa747n],
    [17n, 15n, 0x96cd1c35n],
    [18n, 13n, 0x32ac3b17n],
  ] as const;
  let h = [0n, 0n, 0n, 0n];
  for (let block = 0; block < words.length; block += 4) {
    rotations.forEach(([r, s, n], i) => {
      const k = u32(rotl(u32(u32(BigInt(words[block + i]!)) * c[i]!), r) * c[(i + 1) % 4]!);
      h[i] = u32((rotl(h[i]! ^ k, s) + h[(i + 1) % 4]!) * 5n + n);
    });
  }
  h = h.map((x) => x ^ BigInt(4 * words.length));
  const spread = () => {
    h[0] = u32(h[0]! + h[1]! + h[2]! + h[3]!);
    for (let i = 1; i < 4; i++) h[i] = u32(h[i]! + h[0]!);
  };
  spread();
  h = h.map((x) => {
    let y = u32((x ^ (x >> 16n)) * 0x85ebca6bn);
    y = u32((y ^ (y >> 13n)) * 0xc2b2ae35n);
    return y ^ (y >> 16n);
  });
  spread();
  return h.map((x) => x.toString(16).padStart(8, '0')).join('');
}

test('the hash is that of a plain version, however the words are cut', () => {
  const random = randomSource(1);
  assert.is(hashOf([]), '0'.repeat(32));
  for (let blocks = 1; blocks < 30; blocks++) {
    const words = Array.from({ length: 4 * blocks }, () => random.below(2 ** 32) | 0);
    const cut = 4 * random.below(blocks);
    assert.is(hashOf(words.slice(0, cut), words.slice(cut)), literal(words));
  }
});

test('any changed bit changes the hash, and so does a block of zeros', () => {
  const words = Array.from({ length: 8 }, (_, i) => i * 1e6);
  const seen = new Set([hashOf(words), hashOf([...words, 0, 0, 0, 0])]);
  for (let bit = 0; bit < 256; bit++) {
    seen.add(hashOf(words.map((word, i) => (i === bit >> 5 ? word ^ (1 << (bit & 31)) : word))));
  }
  assert.is(seen.size, 258);
});

test.run();
