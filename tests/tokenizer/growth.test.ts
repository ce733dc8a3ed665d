import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tokenizerFromSource } from '../../src/tokenizer/files/load.js';
import { randomSource } from '../support/random.js';
import { folderFixture, memorySource } from '../support/sources.js';
import { assertGrowth, leastWork } from '../support/work.js';
import { type Json, readFixture } from './helpers.js';

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
  test(`a million characters, ${name}, take no more than n log n`, async () => {
    const quarter = text.slice(0, 250_000);
    const work = (part: string) => leastWork(() => tokenizer.encode(part));
    // Time in n log n grows 4.4 times, quadratic time 16 times.
    await assertGrowth(
      () => work(text),
      () => work(quarter),
      10,
      'four times the text',
    );
  });
}

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

test('the time for a text does not depend on how many tokens are added', async () => {
  const [few, many] = [await withAdded(1_000), await withAdded(50_000)];
  const text = 'A text with < and <tok and <tok 7 of the list, but no token. '.repeat(2_000);
  for (const options of [
    {},
    { allowedSpecial: 'all' },
    { allowedSpecial: ['<tok 1 of the list>'] },
  ] as const) {
    const work = (tokenizer: typeof few) => leastWork(() => tokenizer.encode(text, options));
    await assertGrowth(
      () => work(many),
      () => work(few),
      5,
      'a text with fifty times the tokens',
    );
  }
  assert.equal(many.encode('<tok 49998 of the list><tok 3 of the list>').slice(0, 2), [100255, 27]);
});

test('looking up the ids of added tokens takes a time that grows with the look-ups alone', async () => {
  const [few, many] = [await withAdded(5_000), await withAdded(40_000)];
  const work = (tokenizer: typeof few, count: number) =>
    leastWork(() => {
      for (let i = 0; i < count; i++) {
        assert.is(tokenizer.tokenToId(`<tok ${i} of the list>`), 50257 + i);
      }
    });
  await assertGrowth(
    () => work(many, 40_000),
    () => work(few, 5_000),
    24,
    'eight times the tokens',
  );
});

test('white space that tokens take along is read once', async () => {
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
  const work = (length: number) => leastWork(() => tokenizer.encode(' \t'.repeat(length)));
  await assertGrowth(
    () => work(160_000),
    () => work(20_000),
    24,
    'eight times the text',
  );
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
