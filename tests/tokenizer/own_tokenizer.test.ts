import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OwnTokenizer } from '../../src/tokenizer/own_tokenizer.js';
import { randomSource } from '../support/random.js';

/** A tokenizer whose ids are the bytes of UTF-8. */
const bytes = {
  encode: (text: string) => [...new TextEncoder().encode(text)],
  decode: (ids: number[]) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(ids)),
};

test('a stream gives whole characters, and all together what decode gives', () => {
  const random = randomSource(12);
  const pieces = ['a', 'é', '€', '😀', '\ufffd', 'word ', '\n'];
  for (let round = 0; round < 50; round++) {
    let text = '';
    for (let i = random.below(80); i > 0; i--) text += random.pick(pieces);
    const decoder = new OwnTokenizer(bytes, 256).streamDecoder();
    let streamed = '';
    for (const id of bytes.encode(text)) {
      streamed += decoder.push(id);
      assert.ok(text.startsWith(streamed), JSON.stringify({ text, streamed }));
    }
    assert.is(streamed + decoder.end(), text);
    assert.is(decoder.push(97) + decoder.end(), 'a', 'as new after its end');
  }
});

test('bytes that never become a character are U+FFFD, as in decode', () => {
  const ids = [0xf0, 0x9f, 97, 0xc3, 0xc3, 0xa9, 0xe2];
  const decoder = new OwnTokenizer(bytes, 256).streamDecoder();
  assert.is(ids.map((id) => decoder.push(id)).join('') + decoder.end(), bytes.decode(ids));
});

test('a decoder that leaves off the space before a text streams it between words', () => {
  const words = ['once', 'upon', 'a', 'time'];
  const own = { encode: () => [], decode: (ids: number[]) => ids.map((id) => words[id]).join(' ') };
  const decoder = new OwnTokenizer(own, 4).streamDecoder();
  const ids = Array.from({ length: 500 }, (_, i) => i % 4);
  assert.is(ids.map((id) => decoder.push(id)).join(''), own.decode(ids));
});

test('a token of a long stream takes no longer than one of a short stream', () => {
  let decoded = 0;
  const own = {
    encode: () => [],
    decode: (ids: number[]) => {
      decoded += ids.length;
      return 'x'.repeat(ids.length);
    },
  };
  const decoder = new OwnTokenizer(own, 4).streamDecoder();
  for (let i = 0; i < 10_000; i++) decoder.push(1);
  assert.ok(decoded < 10_000 * 80, `${decoded} ids decoded`);
});

test('tokenToId and tokenBytes go through encode and decode', () => {
  const tokenizer = new OwnTokenizer(bytes, 256);
  assert.equal(
    [tokenizer.tokenToId('a'), tokenizer.tokenToId('ab'), tokenizer.tokenToId('é')],
    [97, undefined, undefined],
  );
  assert.equal([...tokenizer.tokenBytes(97)], [97]);
});

test.run();
