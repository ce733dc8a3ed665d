import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tokenizerFromSource } from '../../../src/tokenizer/files/load.js';
import { randomSource } from '../../support/random.js';
import { folderFixture } from '../../support/sources.js';
import { thrown } from '../../support/thrown.js';
import {
  addedToken,
  type Json,
  loadFiles,
  loadSmall,
  randomText,
  readFixture,
  SMALL_MERGES,
  smallVocab,
  tokenizerJson,
} from '../helpers.js';

const MERGES = readFixture('merges.txt').trimEnd().split('\n').slice(1);

function gpt2Json(merges: unknown[]): Json {
  const added = [addedToken('<|endoftext|>', 50256, { special: true })];
  return tokenizerJson({
    top: { added_tokens: added },
    model: { vocab: JSON.parse(readFixture('vocab.json')), merges },
  });
}

for (const [form, merges] of [
  ['strings', MERGES],
  ['pairs', MERGES.map((merge) => merge.split(' '))],
] as const) {
  test(`a tokenizer.json with merges as ${form} gives the ids of vocab.json and merges.txt`, async () => {
    const fromJson = await loadFiles({ 'tokenizer.json': gpt2Json([...merges]) });
    const vectors: { text: string; ids: number[] }[] = JSON.parse(readFixture('vectors.json'));
    for (const { text, ids } of vectors) assert.equal(fromJson.encode(text), ids, text);
    const fromPair = await tokenizerFromSource(folderFixture('fixtures/gpt2-tokenizer'));
    const random = randomSource(8);
    for (let i = 0; i < 300; i++) {
      const text = `${randomText(random, 60)}<|endoftext|>${randomText(random, 60)}`;
      const options = { allowedSpecial: random.pick(['none', 'all'] as const) };
      assert.equal(fromJson.encode(text, options), fromPair.encode(text, options), text);
    }
    assert.is(fromJson.vocabSize, 50257);
    assert.is(fromJson.eosTokenId, 50256);
  });
}

test('tokenizer.json comes before vocab.json and merges.txt', async () => {
  const both = await loadSmall({ 'tokenizer.json': tokenizerJson({ model: { merges: [] } }) });
  assert.equal(both.encode('ab'), [97, 98]);
});

test('a model without a type is BPE, as older files have it', async () => {
  const tokenizer = await loadFiles({ 'tokenizer.json': tokenizerJson({ model: { type: undefined } }) });
  assert.equal(tokenizer.encode('abc a'), [257, 258]);
});

test('add_prefix_space puts a space before every text that does not begin with one', async () => {
  const preTokenizer = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true };
  const json = tokenizerJson({ top: { pre_tokenizer: preTokenizer } });
  const tokenizer = await loadFiles({ 'tokenizer.json': json });
  assert.equal(tokenizer.encode('a'), [258]);
  assert.equal(tokenizer.encode(' a'), [258]);
  assert.equal(tokenizer.encode('\na'), [32, 10, 97]);
  assert.equal(tokenizer.encode(''), []);
  assert.equal(tokenizer.encode('a<|endoftext|>a', { allowedSpecial: 'all' }), [258, 259, 258]);
});

test('tokenizer_config.json decides about add_prefix_space', async () => {
  const on = await loadSmall({ 'tokenizer_config.json': { add_prefix_space: true } });
  assert.equal(on.encode('a'), [258]);
  const preTokenizer = { type: 'ByteLevel', add_prefix_space: true };
  const off = await loadFiles({
    'tokenizer.json': tokenizerJson({ top: { pre_tokenizer: preTokenizer } }),
    'tokenizer_config.json': { add_prefix_space: false },
  });
  assert.equal(off.encode('a'), [97]);
});

test('the settings files add to what tokenizer.json says', async () => {
  const tokenizer = await loadFiles({
    'tokenizer.json': tokenizerJson({ top: { added_tokens: [addedToken('<x>', 260)] } }),
    'tokenizer_config.json': {
      pad_token: '<x>',
      added_tokens_decoder: { 261: addedToken('<y>', 261, { special: true }) },
    },
  });
  assert.equal(new Set(tokenizer.specialTokens.values()), new Set([260, 261, 259]));
});

test('a fine-tuned folder with nothing but tokenizer.json loads', async () => {
  const tokenizer = await loadFiles({ 'tokenizer.json': tokenizerJson(), 'config.json': {} });
  assert.equal(tokenizer.encode('abc'), [257]);
});

const BYTE_LEVEL = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
const GPT2_SPLIT = {
  type: 'Split',
  pattern: {
    Regex: String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
  },
  behavior: 'Isolated',
  invert: false,
};
const withPreTokenizers = (...pretokenizers: Json[]): Json =>
  tokenizerJson({ top: { pre_tokenizer: { type: 'Sequence', pretokenizers } } });

test('byte_fallback without tokens for bytes changes nothing', async () => {
  const tokenizer = await loadFiles({ 'tokenizer.json': tokenizerJson({ model: { byte_fallback: true } }) });
  assert.equal(tokenizer.encode('abc é'), [257, 32, 0xc3, 0xa9]);
});

test('a split that drops all but the matches of a pattern which matches all drops nothing', async () => {
  const json = withPreTokenizers({ ...GPT2_SPLIT, behavior: 'Removed', invert: true }, BYTE_LEVEL);
  const tokenizer = await loadFiles({ 'tokenizer.json': json });
  assert.is(tokenizer.kind, undefined);
  assert.equal(tokenizer.encode('abc é'), [257, 32, 0xc3, 0xa9]);
});

/** Files that the encoder of GPT-2's byte-level BPE would give other ids for. */
const others: [name: string, json: Json][] = [
  ['a WordPiece model', tokenizerJson({ model: { type: 'WordPiece' } })],
  ['a normalizer', tokenizerJson({ top: { normalizer: { type: 'NFC' } } })],
  ['no pre-tokenizer', tokenizerJson({ top: { pre_tokenizer: null } })],
  ['another pre-tokenizer', tokenizerJson({ top: { pre_tokenizer: { type: 'Metaspace' } } })],
  ['another decoder', tokenizerJson({ top: { decoder: { type: 'Fuse' } } })],
  [
    'a pre-tokenizer without the split pattern',
    tokenizerJson({ top: { pre_tokenizer: { type: 'ByteLevel', use_regex: false } } }),
  ],
  ['a word suffix', tokenizerJson({ model: { end_of_word_suffix: '</w>' } })],
  ['a subword prefix', tokenizerJson({ model: { continuing_subword_prefix: '##', merges: [] } })],
  [
    'byte fallback with tokens for it',
    tokenizerJson({ model: { byte_fallback: true, vocab: { ...smallVocab(), '<0x00>': 260 } } }),
  ],
  [
    'a normalizer in a sequence',
    tokenizerJson({ top: { normalizer: { type: 'Sequence', normalizers: [{ type: 'NFC' }] } } }),
  ],
  [
    'a pre-tokenizer before ByteLevel',
    withPreTokenizers({ type: 'Digits', individual_digits: true }, BYTE_LEVEL),
  ],
  ['a pre-tokenizer after ByteLevel', withPreTokenizers(BYTE_LEVEL, { type: 'Digits' })],
  [
    'another split pattern',
    withPreTokenizers({ ...GPT2_SPLIT, pattern: { Regex: '\\p{N}{1,3}' } }, BYTE_LEVEL),
  ],
  [
    'a split at a text that spells the pattern',
    withPreTokenizers({ ...GPT2_SPLIT, pattern: { String: GPT2_SPLIT.pattern.Regex } }, BYTE_LEVEL),
  ],
  [
    'another use of the split pattern',
    withPreTokenizers({ ...GPT2_SPLIT, behavior: 'MergedWithNext' }, BYTE_LEVEL),
  ],
  ['a split that drops its matches', withPreTokenizers({ ...GPT2_SPLIT, behavior: 'Removed' }, BYTE_LEVEL)],
  [
    'a split that joins what it does not match',
    withPreTokenizers({ ...GPT2_SPLIT, behavior: 'MergedWithNext', invert: true }, BYTE_LEVEL),
  ],
  ['a space before every piece', withPreTokenizers(GPT2_SPLIT, { ...BYTE_LEVEL, add_prefix_space: true })],
];
for (const [name, json] of others) {
  test(`${name} in tokenizer.json makes a tokenizer of another kind`, async () => {
    assert.type((await loadFiles({ 'tokenizer.json': json })).kind, 'string');
    assert.is((await loadFiles({ 'tokenizer.json': tokenizerJson({}) })).kind, undefined);
  });
}

test('dropout in tokenizer.json is unsupported', async () => {
  const json = tokenizerJson({ model: { dropout: 0.1 } });
  await thrown(() => loadFiles({ 'tokenizer.json': json }), 'unsupported', 'tokenizer.json', 'dropout 0.1');
});

test('merges of tokenizer.json are named by their index', async () => {
  const json = tokenizerJson({ model: { merges: [...SMALL_MERGES, ['a', 'x']] } });
  await thrown(() => loadFiles({ 'tokenizer.json': json }), 'invalid-file', 'model.merges[3]', '["a","x"]');
});

test.run();
