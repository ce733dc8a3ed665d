import { readFileSync } from 'node:fs';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tokenizerFromSource } from '../../../src/tokenizer/files/load.js';
import { randomSource } from '../../support/random.js';
import { folderFixture } from '../../support/sources.js';
import {
  addedToken,
  BYTE_SYMBOLS,
  type Json,
  loadFiles,
  type Random,
  randomText,
  SMALL_MERGES,
  smallVocab,
  tokenizerJson,
  wellFormed,
} from '../helpers.js';

/**
 * The ids that Python's tokenizers and transformers gave a text, without the special tokens of a template.
 */
interface Case {
  readonly text: string;
  readonly ids: readonly number[];
  readonly ids_without_special?: readonly number[];
  readonly decoded?: string;
}

for (const name of ['byte-bpe', 'byte-bpe-prefix', 'ignore-merges', 'template', 'gpt2-files']) {
  test(`${name}: the ids and texts of Hugging Face's tokenizers`, async () => {
    const folder = `fixtures/tokenizers/${name}`;
    const tokenizer = await tokenizerFromSource(folderFixture(folder));
    const expected = JSON.parse(
      readFileSync(new URL(`../../${folder}/expected.json`, import.meta.url), 'utf8'),
    );
    assert.is(tokenizer.vocabSize, expected.vocab_size);
    for (const { text, ids, ids_without_special: bare = ids, decoded } of expected.cases as Case[]) {
      assert.equal(tokenizer.encode(text, { allowedSpecial: 'all' }), bare, JSON.stringify(text));
      if (decoded !== undefined) assert.is(tokenizer.decode(ids), decoded);
    }
    (expected.single_decodes ?? []).forEach((decoded: string, id: number) => {
      assert.is(tokenizer.decode([id]), decoded);
    });
  });
}

const GPT2_SPLIT = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;
const split = (fields: Json = {}): Json => ({
  type: 'Split',
  pattern: { Regex: GPT2_SPLIT },
  behavior: 'Isolated',
  invert: false,
  ...fields,
});
const byteLevel = (fields: Json = {}): Json => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: true,
  ...fields,
});
const sequence = (...pretokenizers: Json[]): Json => ({ type: 'Sequence', pretokenizers });

const PRE_TOKENIZERS: readonly Json[] = [
  byteLevel(),
  byteLevel({ add_prefix_space: true, trim_offsets: false }),
  sequence(byteLevel()),
  sequence(byteLevel({ add_prefix_space: true })),
  sequence(sequence(byteLevel())),
  sequence(split(), byteLevel({ use_regex: false })),
  sequence(split({ invert: true }), byteLevel({ use_regex: false })),
  sequence(split(), split(), byteLevel()),
  sequence(sequence(split()), sequence(byteLevel({ use_regex: false }))),
];
const NORMALIZERS: readonly unknown[] = [
  null,
  { type: 'Sequence', normalizers: [] },
  { type: 'Sequence', normalizers: [{ type: 'Sequence', normalizers: [] }] },
];

test('forms of tokenizer.json that mean the same give the same tokens', async () => {
  const [plain] = await Promise.all([loadFiles({ 'tokenizer.json': tokenizerJson() })]);
  const random = randomSource(88);
  for (const preTokenizer of PRE_TOKENIZERS) {
    const isPrefixed = JSON.stringify(preTokenizer).includes('"add_prefix_space":true');
    for (const normalizer of NORMALIZERS) {
      const json = tokenizerJson({ top: { pre_tokenizer: preTokenizer, normalizer } });
      const tokenizer = await loadFiles({ 'tokenizer.json': json });
      for (let round = 0; round < 20; round++) {
        const text = randomText(random, 40);
        const prefix = isPrefixed && text !== '' && !text.startsWith(' ') ? ' ' : '';
        assert.equal(tokenizer.encode(text), plain.encode(prefix + text), JSON.stringify(text));
      }
    }
  }
});

/**
 * A tokenizer.json with random settings, limited to those that the npm package reads as Python's library
 * does: it ignores single_word, fuses unknown tokens across pieces, and merges before it drops bytes without
 * a token.
 */
function randomJson(random: Random): Json {
  const vocabulary = ['<unk>', ...BYTE_SYMBOLS];
  const merges: string[] = [];
  for (let i = 0; i < 30; i++) {
    const [left, right] = [random.pick(vocabulary.slice(1)), random.pick(vocabulary.slice(1))];
    if (vocabulary.includes(left + right)) continue;
    vocabulary.push(left + right);
    merges.push(`${left} ${right}`);
  }
  const contents = ['<t>', 'ab', 'word', 'é'].filter(() => random.uniform() < 0.5);
  const flag = () => random.uniform() < 0.3;
  const added = contents.map((content, i) =>
    addedToken(content, vocabulary.includes(content) ? vocabulary.indexOf(content) : vocabulary.length + i, {
      lstrip: flag(),
      rstrip: flag(),
    }),
  );
  return tokenizerJson({
    top: {
      added_tokens: added,
      pre_tokenizer: random.pick(PRE_TOKENIZERS),
      normalizer: random.pick(NORMALIZERS),
    },
    model: {
      vocab: Object.fromEntries(vocabulary.map((text, id) => [text, id])),
      merges,
      ignore_merges: flag(),
    },
  });
}

test('random settings of byte-level BPE give the tokens of @huggingface/tokenizers', async () => {
  const random = randomSource(89);
  for (let round = 0; round < 60; round++) {
    const json = randomJson(random);
    const tokenizer = await loadFiles({ 'tokenizer.json': json });
    const other = new HuggingFaceTokenizer(structuredClone(json), {});
    for (let i = 0; i < 20; i++) {
      const ending = random.pick(['', ' <t> ', 'ab', 'a word.', 'xé ']);
      // The package splits with JavaScript's \s, which has U+FEFF and lacks U+0085.
      const text = wellFormed(randomText(random, 30) + ending).replace(/[\ufeff\u0085]/g, '');
      const { ids } = other.encode(text, { add_special_tokens: false });
      assert.equal(
        tokenizer.encode(text, { allowedSpecial: 'all' }),
        ids,
        `${JSON.stringify(text)}\n${JSON.stringify(json)}`,
      );
    }
  }
});

test('a byte without a token is left out where the model has no unknown token', async () => {
  const { Ċ: _, ...vocab } = smallVocab();
  const others = {
    'tokenizer_config.json': { unk_token: '<|endoftext|>', tokenizer_class: 'GPT2Tokenizer' },
    'special_tokens_map.json': { unk_token: '<|endoftext|>' },
  };
  const json = tokenizerJson({ model: { vocab, unk_token: null } });
  for (const definition of [
    { 'tokenizer.json': json },
    { 'vocab.json': vocab, 'merges.txt': SMALL_MERGES.join('\n') },
  ]) {
    const tokenizer = await loadFiles({ ...definition, ...others });
    assert.equal(tokenizer.encode('the\nthe'), tokenizer.encode('thethe'));
    assert.equal(tokenizer.encode('\n'), []);
    // Its neighbours on both sides merge if they are one piece; here "\n\n" is one.
    assert.equal(tokenizer.encode('a\n\na'), tokenizer.encode('aa'));
  }
});

test('the unknown token of the model stands for each byte, or for a run of them in a piece', async () => {
  const vocab = { a: 0, '<unk>': 1, Ġ: 2, aa: 3 };
  const load = (fields: Json) =>
    loadFiles({
      'tokenizer.json': tokenizerJson({
        top: { added_tokens: [] },
        model: { vocab, merges: ['a a'], unk_token: '<unk>', ...fields },
      }),
    });
  assert.equal((await load({})).encode('aéa bb'), [0, 1, 1, 0, 2, 1, 1]);
  assert.equal((await load({ fuse_unk: true })).encode('aéa bb'), [0, 1, 0, 2, 1]);
  assert.equal((await load({ fuse_unk: true, unk_token: null })).encode('aéa bb'), [3, 2]);
});

test('fused unknown tokens and words before merges are kept in files', async () => {
  for (const fields of [{ fuse_unk: true, unk_token: '<|endoftext|>' }, { ignore_merges: true }]) {
    const { x: _, ...vocab } = smallVocab();
    const tokenizer = await loadFiles({ 'tokenizer.json': tokenizerJson({ model: { vocab, ...fields } }) });
    const again = await loadFiles(tokenizer.files());
    for (const text of ['xxx', 'abc', 'a x']) assert.equal(again.encode(text), tokenizer.encode(text));
    const { model } = JSON.parse(tokenizer.files()['tokenizer.json']!);
    for (const [name, value] of Object.entries(fields)) assert.is(model[name], value);
  }
});

test.run();
