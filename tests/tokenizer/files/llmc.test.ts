import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../src/base/errors.js';
import { readLlmc } from '../../../src/tokenizer/files/llmc.js';
import { tokenizerFromSource } from '../../../src/tokenizer/files/load.js';
import { holds } from '../../support/property.js';
import { folderFixture } from '../../support/sources.js';
import { readFixture as gpt2Fixture } from '../helpers.js';
import { asFile, byteLevelTokenizer, readFixture, textFixture } from './other_files.js';

/** A file of llm.c. */
function llmcFile(tokens: readonly Uint8Array[], version: number, end: number): Uint8Array {
  const bytes = [...tokens.flatMap((token) => [token.length, ...token])];
  const file = new Uint8Array(1024 + bytes.length);
  const view = new DataView(file.buffer);
  for (const [i, value] of [20240328, version, tokens.length, end].entries())
    view.setUint32(4 * i, value, true);
  file.set(bytes, 1024);
  return file;
}

test('tokens in the order of their merges encode as their tokenizer does', async () => {
  const own = await tokenizerFromSource(folderFixture('fixtures/stories-tiny'));
  const tokens = Array.from({ length: own.vocabSize }, (_, id) => own.tokenBytes(id));
  const { json, decodesOnly } = readLlmc('file', llmcFile(tokens, 2, own.eosTokenId!));
  assert.is(decodesOnly, undefined);
  const tokenizer = await byteLevelTokenizer(json);
  const vectors: { text: string }[] = JSON.parse(gpt2Fixture('vectors.json'));
  for (const { text } of vectors)
    assert.equal(tokenizer.encode(text), own.encode(text), JSON.stringify(text));
  assert.equal([...tokenizer.specialTokens], [...own.specialTokens]);
});

test("a file of version 1 has GPT-2's end of text", () => {
  const { json } = readLlmc('file', llmcFile([Uint8Array.of(97)], 1, 0));
  assert.equal(
    asFile(json).added_tokens.map(({ id }) => id),
    [50256],
  );
});

test('tokens that are no ranks of merges can be decoded', async () => {
  const expected = JSON.parse(textFixture('llmc/expected.json'));
  const { json, decodesOnly } = readLlmc('file', readFixture('llmc/gpt2_tokenizer.bin'));
  assert.match(decodesOnly!, /token 267 is not made of earlier ones/);
  const tokenizer = await byteLevelTokenizer(json);
  assert.is(tokenizer.vocabSize, expected.vocab_size);
  for (const [id, bytes] of expected.token_bytes.entries())
    assert.equal([...tokenizer.tokenBytes(id)], bytes);
  assert.is(tokenizer.specialTokens.get('<|endoftext|>'), expected.eot_token);
});

test('files of other kinds are refused', () => {
  const file = llmcFile([Uint8Array.of(97)], 2, 5);
  assert.match(readLlmc('file', file).decodesOnly!, /byte 0 has no token/);
  assert.throws(() => readLlmc('file', file.slice(0, 900)), /shorter than its header/);
  assert.throws(() => readLlmc('file', file.slice(0, 1025)), /cut off in token 0 of 1/);
  assert.throws(() => readLlmc('file', llmcFile([], 2, 5)), /has 0 tokens/);
  assert.throws(() => readLlmc('file', llmcFile([Uint8Array.of(97)], 3, 5)), /has version 3/);
  assert.throws(
    () => readLlmc('file', llmcFile([Uint8Array.of(97), Uint8Array.of(97)], 2, 5)),
    /same bytes for the tokens 0 and 1/,
  );
  assert.throws(() => readLlmc('file', new Uint8Array(2000)), /begins with 0/);
});

test('damaged files are read or refused, without harm', async () => {
  const whole = readFixture('llmc/gpt2_tokenizer.bin');
  await holds(
    'damaged gpt2_tokenizer.bin',
    fc.tuple(fc.nat({ max: whole.length }), fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 })),
    async ([end, at, byte]) => {
      const bytes = whole.slice(0, end);
      if (at < end) bytes[at] = byte;
      try {
        readLlmc('file', bytes);
      } catch (error) {
        assert.instance(error, Gpt2Error);
      }
    },
    100,
  );
});

test.run();
