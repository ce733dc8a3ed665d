import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ggufHeader } from '../../../src/checkpoints/gguf/header_writer.js';
import { otherTokenizerMetadata } from '../../../src/checkpoints/gguf/write_other_tokenizer.js';
import { convertModel, loadModel, loadTokenizer } from '../../../src/index.js';
import { memorySource } from '../../support/sources.js';
import { thrown } from '../../support/thrown.js';
import { tinyModel } from '../../support/tiny_model.js';
import { readFixture, textFixture } from '../../tokenizer/files/other_files.js';
import { loadFiles } from '../../tokenizer/helpers.js';
import { ggufSource } from './models.js';

type Files = Record<string, Uint8Array | string>;

/** A tokenizer, the same one from a GGUF file with it, and what the file cannot say. */
async function throughGguf(files: Files, vocabSize?: number) {
  const own = await loadFiles(files);
  const size = vocabSize ?? own.vocabSize;
  const { pairs, ids, bosTokenId, eosTokenId, warnings } = otherTokenizerMetadata(own, size, 'test');
  const named = Object.entries({ ...ids, bos: bosTokenId, eos: eosTokenId }).flatMap(([name, value]) =>
    value === undefined || value >= size
      ? []
      : [[`tokenizer.ggml.${name}_token_id`, { type: 'u32', value }] as const],
  );
  const file = ggufHeader([...pairs, ...named], []);
  return { own, same: await loadTokenizer(ggufSource(file)), warnings };
}

const textsOf = (name: string): string[] =>
  JSON.parse(textFixture(`${name}/expected.json`))
    .cases.map(({ text }: { text: string }) => text)
    .filter((_: string, i: number) => i % 4 === 3);

for (const name of ['sp-bpe', 'sp-unigram', 'sp-unigram-bytes']) {
  test(`${name} is written to GGUF`, async () => {
    const { own, same, warnings } = await throughGguf({
      'spiece.model': readFixture(`${name}/tokenizer.model`),
    });
    for (const text of textsOf(name)) {
      assert.equal(same.encode(text), own.encode(text), JSON.stringify(text));
      assert.is(same.decode(own.encode(text)), own.decode(own.encode(text)));
    }
    assert.is(same.eosTokenId, own.eosTokenId);
    assert.equal([...same.specialTokens], [...own.specialTokens]);
    assert.equal(warnings, []);
  });
}

test('a vocab.txt is written to GGUF, and ids without a token are unused', async () => {
  const files = { 'vocab.txt': textFixture('bert-vocab-txt/vocab.txt') };
  const { own, same } = await throughGguf(files, 460);
  const options = { allowedSpecial: 'all', addSpecialTokens: true } as const;
  for (const text of textsOf('bert-vocab-txt')) {
    assert.equal(same.encode(text, options), own.encode(text, options), JSON.stringify(text));
  }
});

test('ranks with a pattern that llama.cpp has are written to GGUF, and others are not', async () => {
  const { pat_str, special_tokens } = JSON.parse(textFixture('tiktoken/expected.json'));
  const withPattern = (pattern: string) => ({
    'tiny.tiktoken': textFixture('tiktoken/tiny.tiktoken'),
    'tokenizer_config.json': JSON.stringify({ pat_str: pattern, special_tokens }),
  });
  const { own, same } = await throughGguf(withPattern(pat_str));
  for (const text of textsOf('tiktoken')) {
    const options = { allowedSpecial: 'all' } as const;
    assert.equal(same.encode(text, options), own.encode(text, options), JSON.stringify(text));
  }
  const smaller = await throughGguf(withPattern(pat_str), 300);
  assert.is(smaller.same.vocabSize, 300);
  assert.match(smaller.warnings.join(), /from id 300 on are left out/);
  await thrown(() => throughGguf(withPattern('[a-z]+|[^a-z]+')), 'unsupported', 'GGUF has no name');
});

test('what GGUF cannot say is a warning', async () => {
  const suffix = await throughGguf({ 'spiece.model': readFixture('sp-bpe-suffix/tokenizer.model') });
  assert.equal(suffix.warnings.length, 2);
  const lower = await throughGguf({
    'spiece.model': readFixture('sp-unigram/tokenizer.model'),
    'tokenizer_config.json': '{"tokenizer_class":"T5Tokenizer","do_lower_case":true}',
  });
  assert.match(lower.warnings.join(), /no name for Lowercase/);
});

test('a model is converted with its SentencePiece tokenizer', async () => {
  const files = { ...tinyModel(679), 'tokenizer.model': readFixture('sp-bpe/tokenizer.model') };
  const source = memorySource('sp', files);
  const parts: Uint8Array[] = [];
  for await (const part of (await convertModel(source, { weights: 'f16' })).bytes()) parts.push(part);
  const model = await loadModel(new Blob(parts as BlobPart[]));
  assert.equal(model.tokenizer.encode('Hello world'), [321, 355, 338, 294, 282]);
  assert.is((await model.generate('Hello', { maxTokens: 3, ignoreEos: true })).tokens.length, 3);
  model.dispose();
});

test.run();
