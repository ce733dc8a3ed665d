import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readVocabTxt } from '../../../src/tokenizer/files/vocab_txt.js';
import { aroundText, asFile } from './other_files.js';

const LINES = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'a', '##b', 'un', '<keep>'];
const read = (lines: readonly string[], settings = {}) =>
  asFile(readVocabTxt({ label: 'vocab.txt', text: lines.join('\n') }, settings));

test('the settings of BertTokenizer become parts of a tokenizer.json', () => {
  const json = read(LINES);
  assert.equal(json.normalizer, {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  });
  assert.equal(json.pre_tokenizer, { type: 'BertPreTokenizer' });
  assert.equal(json.decoder, { type: 'WordPiece', prefix: '##', cleanup: true });
  assert.is(json.model.type, 'WordPiece');
  assert.is(json.model.unk_token, '[UNK]');
  assert.is(json.model.vocab['##b'], 6);
  assert.equal(aroundText(json), ['[CLS]', 'A', '[SEP]']);
  assert.equal(json.post_processor!.special_tokens['[SEP]'], { id: '[SEP]', ids: [3], tokens: ['[SEP]'] });
  const cased = read(LINES, { do_lower_case: false, tokenize_chinese_chars: false, strip_accents: true });
  assert.is(cased.normalizer!.lowercase, false);
  assert.is(cased.normalizer!.handle_chinese_chars, false);
  assert.is(cased.normalizer!.strip_accents, true);
  assert.is(read(LINES, { do_basic_tokenize: false }).normalizer, null);
});

test('the tokens of roles are special, and those of never_split are whole', () => {
  const json = read(LINES, { never_split: ['<keep>', 'not there'], mask_token: { content: 'un' } });
  const added = json.added_tokens.map(({ id, content, special }) => [id, content, special]);
  assert.equal(added, [
    ...[
      [0, '[PAD]', true],
      [1, '[UNK]', true],
      [2, '[CLS]', true],
      [3, '[SEP]', true],
    ],
    ...[
      [7, 'un', true],
      [8, '<keep>', false],
    ],
  ]);
});

test('line ends of all kinds count, and of a token that stands twice the last line', () => {
  const { vocab } = asFile(readVocabTxt({ label: '', text: '[UNK]\r\na\rb\n\na\n' }, {})).model;
  assert.equal(vocab, { '[UNK]': 0, a: 4, b: 2 });
});

test('a vocabulary without the unknown token, and other classes, are refused', () => {
  assert.throws(() => read(['a', 'b']), /lacks the token \[UNK\]/);
  assert.throws(() => read(LINES, { tokenizer_class: 'BertJapaneseTokenizer' }), /MeCab/);
  assert.throws(() => read(LINES, { tokenizer_class: 'PhobertTokenizer' }), /bpe\.codes/);
  assert.ok(read(LINES, { tokenizer_class: 'BertTokenizerFast' }));
});

test.run();
