import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tokenizerFromSource } from '../../src/tokenizer/files/load.js';
import { randomSource } from '../support/random.js';
import { folderFixture } from '../support/sources.js';
import { thrown } from '../support/thrown.js';
import { loadSmall } from './helpers.js';

const gpt2 = await tokenizerFromSource(folderFixture('fixtures/gpt2-tokenizer'));
const bytes = await loadSmall();

/** Decodes ids by concatenating their bytes. */
function expectedText(ids: number[], tokenizer = bytes): string {
  const all = ids.flatMap((id) => [...tokenizer.tokenBytes(id)]);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(all));
}

test('whole characters come out as soon as their last token is in', () => {
  const decoder = bytes.streamDecoder();
  const outputs = [...new TextEncoder().encode('aé漢😀')].map((id) => decoder.push(id));
  assert.equal(outputs, ['a', '', 'é', '', '', '漢', '', '', '', '😀']);
  assert.is(decoder.end(), '');
});

test('an incomplete character at the end becomes U+FFFD', () => {
  const decoder = bytes.streamDecoder();
  assert.is(decoder.push(0xf0), '');
  assert.is(decoder.push(0x9f), '');
  assert.is(decoder.end(), '\ufffd');
  assert.is(decoder.push(0x61), 'a', 'the decoder starts anew');
});

test('a byte order mark is text', () => {
  const decoder = bytes.streamDecoder();
  assert.is([0xef, 0xbb, 0xbf, 0x61].map((id) => decoder.push(id)).join(''), '\ufeffa');
});

test('invalid bytes are not held back', () => {
  for (const [ids, last] of [
    [[0x80], '\ufffd'],
    [[0xc0], '\ufffd'],
    [[0xf5], '\ufffd'],
    [[0xe0, 0x80], '\ufffd\ufffd'],
    [[0xed, 0xa0], '\ufffd\ufffd'],
    [[0xf0, 0x80], '\ufffd\ufffd'],
    [[0xf4, 0x90], '\ufffd\ufffd'],
    [[0xe2, 0x61], '\ufffda'],
  ] as const) {
    const decoder = bytes.streamDecoder();
    assert.is(ids.map((id) => decoder.push(id)).join(''), last, ids.join());
    assert.is(decoder.end(), '');
  }
});

test('pushing bytes at random, mostly invalid UTF-8, joins to what decode gives', () => {
  const random = randomSource(6);
  const leads = [
    0x61, 0x80, 0xbf, 0x8f, 0x90, 0x9f, 0xa0, 0xc2, 0xdf, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5,
    0xff,
  ];
  for (let i = 0; i < 20_000; i++) {
    const ids = Array.from({ length: random.below(12) }, () =>
      random.uniform() < 0.7 ? random.pick(leads) : random.below(256),
    );
    const decoder = bytes.streamDecoder();
    const joined = ids.map((id) => decoder.push(id)).join('') + decoder.end();
    assert.is(joined, expectedText(ids), ids.join());
    assert.is(bytes.decode(ids), joined, ids.join());
  }
});

test('pushing random tokens of GPT-2, in chunks of random length, joins to what decode gives', () => {
  const random = randomSource(7);
  const decoder = gpt2.streamDecoder();
  for (let i = 0; i < 2000; i++) {
    const ids = Array.from({ length: random.below(20) }, () =>
      // The first 256 ids are single bytes.
      random.below(random.uniform() < 0.5 ? 256 : gpt2.vocabSize),
    );
    const joined = ids.map((id) => decoder.push(id)).join('') + decoder.end();
    assert.is(joined, gpt2.decode(ids), ids.join());
    assert.is(joined, expectedText(ids, gpt2), ids.join());
  }
});

test('no output holds half a character of well-formed text', () => {
  const text = '😀🏳️‍🌈 漢字かな交じり文 देवनागरी 𝔘𝔫𝔦 é̂ שלום';
  const decoder = gpt2.streamDecoder();
  const ids = gpt2.encode(text);
  assert.ok(ids.length > [...text].length, 'characters are cut into several tokens');
  const outputs = ids.map((id) => decoder.push(id));
  for (const output of outputs) assert.not.match(output, /\ufffd|\p{Surrogate}/u);
  assert.is(outputs.join(''), text);
});

test('two decoders do not mix', () => {
  const [one, other] = [bytes.streamDecoder(), bytes.streamDecoder()];
  one.push(0xc3);
  assert.is(other.push(0xa9), '\ufffd');
  assert.is(one.push(0xa9), 'é');
});

test('an id outside the vocabulary is refused by number', async () => {
  for (const id of [260, -1, 1.5, Number.NaN, 50300]) {
    await thrown(() => bytes.streamDecoder().push(id), 'invalid-option', String(id), '260');
    await thrown(() => bytes.decode([97, id]), 'invalid-option', String(id));
    await thrown(() => bytes.tokenBytes(id), 'invalid-option', String(id));
  }
});

test('decode refuses what is no array', async () => {
  for (const ids of [undefined, null, 5, 'abc', {}]) {
    await thrown(() => bytes.decode(ids as unknown as number[]), 'invalid-option', 'array of token ids');
  }
});

test.run();
