import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../src/base/errors.js';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer.js';
import { holds } from '../../support/property.js';
import { thrown } from '../../support/thrown.js';
import { loadFiles } from '../helpers.js';
import { readFixture, textFixture } from './other_files.js';

interface Case {
  text: string;
  ids: number[];
  ids_ordinary?: number[];
  decoded: string;
  decoded_skipping?: string;
}

/** The tokenizer of a file, and the same one from the files that it writes. */
async function loadBoth(files: Record<string, Uint8Array | string>): Promise<Tokenizer[]> {
  const tokenizer = await loadFiles(files);
  return [tokenizer, await loadFiles(tokenizer.files())];
}

const expectedOf = (name: string) => JSON.parse(textFixture(`${name}/expected.json`));

for (const name of ['sp-bpe', 'sp-bpe-suffix', 'sp-unigram', 'sp-unigram-bytes']) {
  test(`${name}: ids and texts are those of SentencePiece, also after writing`, async () => {
    for (const tokenizer of await loadBoth({ 'tokenizer.model': readFixture(`${name}/tokenizer.model`) })) {
      assert.match(tokenizer.kind!, /SentencePiece/);
      for (const { text, ids, decoded } of expectedOf(name).cases as Case[]) {
        assert.equal(tokenizer.encode(text), ids, JSON.stringify(text));
        assert.is(tokenizer.decode(ids), decoded);
        const stream = tokenizer.streamDecoder();
        assert.is(ids.map((id) => stream.push(id)).join('') + stream.end(), decoded);
      }
    }
  });
}

test('tokens of SentencePiece stand for parts of the text', async () => {
  const tokenizer = await loadFiles({ 'spiece.model': readFixture('sp-unigram/tokenizer.model') });
  const { tokens, offsets } = await tokenizer.tokenize('  Hello  ﬁ😀');
  assert.equal(
    tokens.map((token, i) => [token, ...offsets[i]!]),
    [
      ['\u2581H', 2, 3],
      ['ello', 3, 7],
      ['\u2581f', 7, 9],
      ['i', 9, 10],
      ['😀', 10, 12],
    ],
  );
});

test('a vocab.txt is read as BertTokenizer reads it', async () => {
  const files = {
    'vocab.txt': textFixture('bert-vocab-txt/vocab.txt'),
    'tokenizer_config.json': textFixture('bert-vocab-txt/tokenizer_config.json'),
  };
  const options = { allowedSpecial: 'all', addSpecialTokens: true } as const;
  for (const tokenizer of await loadBoth(files)) {
    for (const { text, ids, decoded, decoded_skipping } of expectedOf('bert-vocab-txt').cases as Case[]) {
      assert.equal(tokenizer.encode(text, options), ids, JSON.stringify(text));
      assert.is(tokenizer.decode(ids), decoded);
      assert.is(tokenizer.decode(ids, { skipSpecialTokens: true }), decoded_skipping);
    }
    assert.equal([...tokenizer.specialTokens.keys()], ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']);
  }
});

test('a .tiktoken file of any name is read as tiktoken reads it', async () => {
  const { cases, pat_str, special_tokens } = expectedOf('tiktoken');
  const files = {
    'tiny.tiktoken': textFixture('tiktoken/tiny.tiktoken'),
    'tokenizer_config.json': JSON.stringify({ pat_str, special_tokens }),
  };
  for (const tokenizer of await loadBoth(files)) {
    for (const { text, ids, ids_ordinary, decoded } of cases as Case[]) {
      assert.equal(tokenizer.encode(text, { allowedSpecial: 'all' }), ids, JSON.stringify(text));
      assert.equal(tokenizer.encode(text), ids_ordinary, JSON.stringify(text));
      assert.is(tokenizer.decode(ids), decoded);
    }
  }
  const { 'tiny.tiktoken': ranks, ...rest } = files;
  const renamed = await loadFiles({ 'tokenizer.model': ranks, ...rest });
  assert.equal(renamed.encode('Hello world'), (cases as Case[])[3]!.ids);
  await thrown(
    () => loadFiles({ 'a.tiktoken': ranks, 'b.tiktoken': ranks }),
    'not-found',
    'several tokenizers',
  );
});

test("nanoGPT's characters are tokens, and others are left out", async () => {
  for (const tokenizer of await loadBoth({ 'meta.pkl': readFixture('nanogpt/meta.pkl') })) {
    assert.is(tokenizer.vocabSize, 68);
    assert.is(tokenizer.decode(tokenizer.encode('Hello\n z漢')), 'Hello\n z');
    assert.is(tokenizer.encode('ab').length, 2);
  }
});

test("llm.c's tokens that are no ranks are decoded, and texts are refused", async () => {
  const tokenizer = await loadFiles({ 'gpt2_tokenizer.bin': readFixture('llmc/gpt2_tokenizer.bin') });
  for (const { ids, text } of expectedOf('llmc').decode) assert.is(tokenizer.decode(ids), text);
  assert.match(tokenizer.notes.join(), /it can only decode/);
  assert.throws(() => tokenizer.encode('a'), /can only decode; to encode, put the tokenizer\.json/);
});

test('of several files the usual forms count first, and BERT takes vocab.txt', async () => {
  const spiece = readFixture('sp-bpe/tokenizer.model');
  const vocab = textFixture('bert-vocab-txt/vocab.txt');
  const bpe = { 'vocab.json': '{"a":0}', 'merges.txt': '' };
  assert.is((await loadFiles({ ...bpe, 'spiece.model': spiece })).vocabSize, 1);
  assert.match((await loadFiles({ 'spiece.model': spiece, 'vocab.txt': vocab })).kind!, /SentencePiece/);
  const config = { 'tokenizer_config.json': '{"tokenizer_class":"BertTokenizerFast"}' };
  assert.is((await loadFiles({ 'spiece.model': spiece, 'vocab.txt': vocab, ...config })).kind, 'WordPiece');
});

test('any content of these files is read or refused', async () => {
  const names = [
    'spiece.model',
    'tokenizer.model',
    'vocab.txt',
    'gpt2.tiktoken',
    'meta.pkl',
    'gpt2_tokenizer.bin',
  ];
  const beginnings = ['', '[UNK]\n', 'YQ== 0\n', '\u0080\u0002}', '\n\u0003\n\u0001a'];
  await holds(
    'tokenizer files of any content',
    fc.tuple(fc.constantFrom(...names), fc.constantFrom(...beginnings), fc.uint8Array({ maxLength: 60 })),
    async ([name, beginning, rest]) => {
      const bytes = Uint8Array.from(
        [...beginning].map((character) => character.charCodeAt(0)).concat([...rest]),
      );
      try {
        const tokenizer = await loadFiles({ [name]: bytes });
        tokenizer.decode(tokenizer.encode('abc a'));
      } catch (error) {
        assert.instance(error, Gpt2Error);
      }
    },
    150,
  );
});

test.run();
