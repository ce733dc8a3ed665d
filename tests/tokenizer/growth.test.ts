import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tokenizerFromSource } from '../../src/tokenizer/files/load.js';
import { randomSource } from '../support/random.js';
import { folderFixture, memorySource } from '../support/sources.js';
import { type Json, readFixture } from './helpers.js';

const gpt2 = await tokenizerFromSource(folderFixture('fixtures/gpt2-tokenizer'));
const random = randomSource(9);
const letters = Array.from({ length: 1_000_000 }, () => String.fromCharCode(97 + random.below(26))).join('');
/** GPT-2's tokenizer with `count` added tokens, every other one special. */
function withAdded(count: number) {
  const decoder: Json = {};
  for (let i = 0; i < count; i++) {
    const id = 50257 + i;
    decoder[id] = { content: `<tok ${i} of the list>`, special: i % 2 === 1 };
  }
  return tokenizerFromSource(
    memorySource('many', {
      'vocab.json': readFixture('vocab.json'),
      'merges.txt': readFixture('merges.txt'),
      'tokenizer_config.json': JSON.stringify({ added_tokens_decoder: decoder }),
    }),
  );
}

test('one of many added tokens is found', async () => {
  const many = await withAdded(50_000);
  assert.equal(many.encode('<tok 49998 of the list><tok 3 of the list>').slice(0, 2), [100255, 27]);
  assert.is(many.tokenToId('<tok 49998 of the list>'), 100_255);
});

test('white space that tokens take along', async () => {
  const decoder = {
    50257: { content: ' ', rstrip: true },
    50258: { content: '\t' },
    50259: { content: '\n', lstrip: true },
  };
  const tokenizer = await tokenizerFromSource(
    memorySource('spaces', {
      'vocab.json': readFixture('vocab.json'),
      'merges.txt': readFixture('merges.txt'),
      'tokenizer_config.json': JSON.stringify({ added_tokens_decoder: decoder }),
    }),
  );
  assert.equal(tokenizer.encode(' \t \u3000x'), [50257, 50258, 50257, 87]);
});

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
