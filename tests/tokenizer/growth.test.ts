import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tokenizerFromSource } from '../../src/tokenizer/load.js';
import { randomSource } from '../support/random.js';
import { folderFixture, memorySource } from '../support/sources.js';
import { leastWork } from '../support/work.js';
import { readFixture } from './helpers.js';

const gpt2 = await tokenizerFromSource(folderFixture('fixtures/gpt2-tokenizer'));
const stripping = await tokenizerFromSource(
  memorySource('stripping', {
    'vocab.json': readFixture('vocab.json'),
    'merges.txt': readFixture('merges.txt'),
    'tokenizer_config.json': JSON.stringify({
      added_tokens_decoder: { 50257: { content: '<s>', lstrip: true, rstrip: true } },
    }),
  }),
);

const random = randomSource(9);
const letters = Array.from({ length: 1_000_000 }, () => String.fromCharCode(97 + random.below(26))).join('');
const texts: [name: string, text: string, tokenizer?: typeof gpt2][] = [
  ['the same letter', 'x'.repeat(1_000_000)],
  ['spaces', ' '.repeat(1_000_000)],
  ['combining marks', '\u0301'.repeat(1_000_000)],
  ['random letters without a space', letters],
  ['spaces beside a token that strips them', `<s>${' '.repeat(999_994)}<s>`, stripping],
  ['spaces that a stripping token might follow', `${' '.repeat(999_999)}x`, stripping],
];

for (const [name, text, tokenizer = gpt2] of texts) {
  test(`a million characters, ${name}, take no more than n log n`, () => {
    const quarter = text.slice(0, 250_000);
    const ratio =
      leastWork(() => tokenizer.encode(text)) /
      Math.max(
        5,
        leastWork(() => tokenizer.encode(quarter)),
      );
    // n log n gives 4.4 and a quadratic time 16.
    assert.ok(ratio < 10, `four times the text takes ${ratio.toFixed(1)} times as long`);
  });
}

test('a million characters of one piece come back', () => {
  assert.is(gpt2.decode(gpt2.encode(letters)), letters);
});

test('a million characters decode one id at a time', () => {
  const decoder = gpt2.streamDecoder();
  const ids = gpt2.encode(letters);
  let text = '';
  for (const id of ids) text += decoder.push(id);
  assert.is(text + decoder.end(), letters);
});

test.run();
