import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tokenizerFromSource } from '../../src/tokenizer/files/load.js';
import { folderFixture } from '../support/sources.js';
import { readFixture } from './helpers.js';

const vectors: { text: string; ids: number[] }[] = JSON.parse(readFixture('vectors.json'));
const gpt2 = await tokenizerFromSource(folderFixture('fixtures/gpt2-tokenizer'));

test('every reference text of GPT-2 gives the reference ids', () => {
  assert.is(vectors.length, 400);
  for (const { text, ids } of vectors) assert.equal(gpt2.encode(text), ids, JSON.stringify(text));
});

test('the ids give the text back', () => {
  for (const { text, ids } of vectors) assert.is(gpt2.decode(ids), text);
});

test('typed arrays decode like arrays', () => {
  const { text, ids } = vectors.at(-1)!;
  assert.is(gpt2.decode(Uint32Array.from(ids)), text);
});

test('GPT-2 has 50,257 ids and the last one ends a text', () => {
  assert.is(gpt2.vocabSize, 50257);
  assert.is(gpt2.eosTokenId, 50256);
  assert.is(gpt2.bosTokenId, 50256);
  assert.equal([...gpt2.specialTokens], [['<|endoftext|>', 50256]]);
});

test('the bytes of 344 tokens are no text alone', () => {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let partial = 0;
  for (let id = 0; id < gpt2.vocabSize; id++) {
    try {
      strict.decode(gpt2.tokenBytes(id));
    } catch {
      partial++;
    }
  }
  assert.is(partial, 344);
});

test('tokenToId finds exactly the tokens whose text it is', () => {
  const vocab: Record<string, number> = JSON.parse(readFixture('vocab.json'));
  assert.is(gpt2.tokenToId(' the'), vocab.Ġthe);
  assert.is(gpt2.tokenToId('\n'), vocab.Ċ);
  assert.is(gpt2.tokenToId('<|endoftext|>'), 50256);
  assert.is(gpt2.tokenToId('Ġthe'), undefined);
  assert.is(gpt2.tokenToId('no such token'), undefined);
  assert.is(gpt2.tokenToId(''), undefined);
});

test('tokenBytes hands out a copy', () => {
  gpt2.tokenBytes(262).fill(0);
  assert.is(gpt2.decode([262]), ' the');
});

test('the model stories-tiny speaks its own 1,024 tokens', async () => {
  const expected = JSON.parse(
    readFileSync(new URL('../fixtures/stories-tiny/expected.json', import.meta.url), 'utf8'),
  );
  const tokenizer = await tokenizerFromSource(folderFixture('fixtures/stories-tiny'));
  assert.is(tokenizer.vocabSize, 1024);
  assert.is(tokenizer.eosTokenId, 0);
  assert.equal([0, ...tokenizer.encode(expected.prompt)], expected.input_ids);
  assert.is(tokenizer.decode([...expected.input_ids.slice(1), ...expected.greedy]), expected.greedy_text);
  // The fixture scored the first 255 tokens of each document.
  const scored = expected.documents.map(({ text }: { text: string }) =>
    Math.min(255, tokenizer.encode(text).length),
  );
  assert.is(
    scored.reduce((sum: number, count: number) => sum + count),
    expected.tokens,
  );
});

test.run();
