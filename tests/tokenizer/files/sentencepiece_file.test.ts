import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readSentencePiece } from '../../../src/tokenizer/files/sentencepiece_file.js';
import { sentencePieceOf } from '../../../src/tokenizer/sentencepiece/json.js';
import { loadFiles } from '../helpers.js';
import { aroundText, asFile, readFixture } from './other_files.js';

const bytes = readFixture('sp-unigram-bytes/tokenizer.model');
const json = (settings = {}) => readSentencePiece('file', bytes, settings).json;
const read = (settings = {}) => asFile(json(settings));
test('a class of transformers says the tokens around a text', () => {
  assert.equal(aroundText(read()), []);
  assert.equal(aroundText(read({ tokenizer_class: 'constructor' })), []);
  assert.equal(aroundText(read({ tokenizer_class: 'T5Tokenizer' })), ['A', '</s>']);
  assert.equal(aroundText(read({ tokenizer_class: 'LlamaTokenizerFast' })), ['<s>', 'A']);
  assert.equal(
    aroundText(read({ tokenizer_class: 'LlamaTokenizer', add_bos_token: false, add_eos_token: true })),
    ['A', '</s>'],
  );
  assert.equal(aroundText(read({ tokenizer_class: 'GPTSw3Tokenizer' })), []);
  const names = { cls_token: '</s>', sep_token: '<s>' };
  assert.equal(aroundText(read({ tokenizer_class: 'XLNetTokenizer', ...names })), ['A', '<s>', '</s>']);
  assert.equal(aroundText(read({ tokenizer_class: 'AlbertTokenizer', ...names })), ['</s>', 'A', '<s>']);
  assert.equal(aroundText(read({ add_eos_token: true, eos_token: { content: '<s>' } })), ['A', '<s>']);
});

test('a class of transformers says how a text is changed before the model', async () => {
  const stepsOf = (settings: object) =>
    sentencePieceOf('file', json(settings)).before.map(({ type }) => type);
  assert.equal(stepsOf({}), []);
  assert.equal(stepsOf({ tokenizer_class: 'T5Tokenizer', do_lower_case: true }), ['Lowercase']);
  const albert = ['Replace', 'Replace', 'NFKD', 'StripAccents', 'Lowercase'];
  assert.equal(stepsOf({ tokenizer_class: 'AlbertTokenizerFast' }), albert);
  assert.equal(stepsOf({ tokenizer_class: 'XLNetTokenizer', keep_accents: true }), ['Replace', 'Replace']);
  const tokenized = async (tokenizer_class: string, text: string) => {
    const config = JSON.stringify({ tokenizer_class, do_lower_case: true });
    const tokenizer = await loadFiles({ 'spiece.model': bytes, 'tokenizer_config.json': config });
    return tokenizer.decode(tokenizer.encode(text));
  };
  assert.is(await tokenized('T5Tokenizer', 'Hello ÄB\u0007'), 'hello äb\u0007');
  assert.is(await tokenized('GPTSw3Tokenizer', 'Hello\u2003B\u0007\tA\u0308\u00a0x'), 'Hello B\t\u00c4x');
  assert.is(await tokenized('AlbertTokenizer', "``É''"), '"e"');
});

test('XLMRobertaTokenizer numbers the pieces from fairseq', () => {
  const own = sentencePieceOf('file', json()).definition;
  const changed = sentencePieceOf('file', json({ tokenizer_class: 'XLMRobertaTokenizer' })).definition;
  const { post_processor } = read({ tokenizer_class: 'XLMRobertaTokenizer' });
  const { pieces } = changed;
  assert.equal(pieces.slice(0, 4), ['<s>', '<pad>', '</s>', '<unk>']);
  assert.equal(pieces.slice(4, -1), own.pieces.slice(3));
  assert.is(pieces.at(-1), '<mask>');
  assert.equal(post_processor!.special_tokens['</s>'], { id: '</s>', ids: [2], tokens: ['</s>'] });
  assert.equal([...changed.types.slice(0, 5)], [3, 3, 3, 2, own.types[3]]);
});

test('user-defined symbols that settings name are special, so that texts cannot spell them', () => {
  const suffix = readFixture('sp-bpe-suffix/tokenizer.model');
  const typesWith = (settings: object) => {
    const { definition } = sentencePieceOf('file', readSentencePiece('file', suffix, { ...settings }).json);
    return [...definition.types.slice(3, 5)];
  };
  assert.equal(typesWith({}), [4, 4]);
  assert.equal(typesWith({ additional_special_tokens: ['<tool>'] }), [3, 4]);
  assert.equal(typesWith({ pad_token: { content: 'hello' } }), [4, 3]);
  const added_tokens_decoder = {
    3: { content: '<tool>', special: true },
    4: { content: 'hello', special: false },
  };
  assert.equal(typesWith({ added_tokens_decoder }), [3, 4]);
});

test('T5 has further tokens after those of its model', () => {
  const { definition } = sentencePieceOf('file', json({ tokenizer_class: 'T5Tokenizer', extra_ids: 3 }));
  assert.equal(definition.pieces.slice(-3), ['<extra_id_2>', '<extra_id_1>', '<extra_id_0>']);
  assert.throws(() => json({ extra_ids: 1e9 }), /extra_ids is 1000000000/);
});

test('roles that no settings name are those of the model', () => {
  assert.equal(readSentencePiece('file', bytes, {}).roles, { bos_token: '<s>', eos_token: '</s>' });
});

test('classes with rules of their own are refused by name', () => {
  assert.throws(() => read({ tokenizer_class: 'CpmTokenizer' }), /CpmTokenizer needs the Chinese dictionary/);
  assert.throws(
    () => read({ tokenizer_class: 'MBartTokenizerFast' }),
    /numbers the pieces in a way of its own/,
  );
});

test.run();
