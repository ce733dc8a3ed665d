import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { charactersTokenizer } from '../../../src/tokenizer/files/characters.js';
import { readMetaPickle } from '../../../src/tokenizer/files/meta_pickle.js';
import { asFile, readFixture } from './other_files.js';

test("nanoGPT's meta.pkl has a token for each character", () => {
  const { model, decoder } = asFile(readMetaPickle('meta.pkl', readFixture('nanogpt/meta.pkl')));
  const texts = Object.keys(model.vocab);
  assert.is(texts.length, 68);
  assert.ok(texts.every((text) => [...text].length === 1));
  assert.equal(
    Object.values(model.vocab).sort((a, b) => a - b),
    [...texts.keys()],
  );
  assert.equal(decoder, { type: 'Fuse' });
  assert.equal(model.merges, []);
});

test('what is no list of characters is refused', () => {
  assert.throws(() => charactersTokenizer('file', ['a', 'bc']), /token 1 is "bc", and not one character/);
  assert.throws(() => charactersTokenizer('file', ['a', undefined]), /token 1 is no text/);
  assert.throws(() => charactersTokenizer('file', ['a', 'a']), /two tokens are "a"/);
  // A pickle of an empty dictionary.
  assert.throws(
    () => readMetaPickle('file', Uint8Array.of(0x80, 2, 0x7d, 0x2e)),
    /no dictionary of characters/,
  );
});

test.run();
