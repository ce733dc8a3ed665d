import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FNV_START, fnv1a } from '../../src/base/hash.js';

test('bytes have the published FNV-1a hashes', () => {
  // The test vectors of the authors' reference code.
  for (const [text, hash] of [
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ] as const) {
    assert.is(new TextEncoder().encode(text).reduce(fnv1a, FNV_START) >>> 0, hash, text);
  }
});

test.run();
