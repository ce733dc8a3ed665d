import { test } from 'uvu';
import { tokenizerFromSource } from '../../../src/tokenizer/files/load.js';
import { memorySource } from '../../support/sources.js';
import { thrown } from '../../support/thrown.js';
import { addedToken, type Json, loadFiles, SMALL_MERGES, smallVocab, tokenizerJson } from '../helpers.js';

type Files = Record<string, Json | string | Uint8Array>;

const pair = (vocab: Json | string | Uint8Array, merges: string | Uint8Array = ''): Files => ({
  'vocab.json': vocab,
  'merges.txt': merges,
});
const small = (others: Files): Files => ({ ...pair(smallVocab(), SMALL_MERGES.join('\n')), ...others });
const model = (replaced: Json): Files => ({ 'tokenizer.json': tokenizerJson({ model: replaced }) });
const top = (replaced: Json): Files => ({ 'tokenizer.json': tokenizerJson({ top: replaced }) });
const abc = { a: 0, b: 1, ab: 2 };

const malformed: [name: string, files: Files, ...words: string[]][] = [
  ['vocab.json is not JSON', pair('{"a": 0,'), 'vocab.json', 'not valid JSON'],
  ['vocab.json is a list', pair('["a", "b"]'), 'vocab.json', 'object'],
  ['vocab.json is null', pair('null'), 'vocab.json', 'object'],
  ['vocab.json is not UTF-8', pair(Uint8Array.of(0x7b, 0xff, 0x7d)), 'vocab.json', 'UTF-8'],
  ['vocab.json is empty', pair(''), 'vocab.json', 'not valid JSON'],
  ['the vocabulary has no token', pair({}), 'vocab.json', 'empty'],
  ['two tokens share an id', pair({ a: 0, b: 1, c: 1 }), 'vocab.json', '"b"', '"c"', 'id 1'],
  ['an id is negative', pair({ a: -1 }), 'vocab.json', '"a"', '-1'],
  ['an id is no integer', pair({ a: 0.5 }), 'vocab.json', '"a"', '0.5'],
  ['an id is a string', pair({ a: '0' }), 'vocab.json', '"a"', '"0"'],
  ['an id is null', pair({ a: null }), 'vocab.json', '"a"', 'null'],
  ['an id is huge, as if to fill memory', pair({ a: 2 ** 31 }), 'vocab.json', '"a"', '2147483648'],
  ['an id is beyond the integers', pair('{"a": 1e400}'), 'vocab.json', '"a"'],
  ['a merge has one part', pair(abc, '#version: 0.2\na b\nab\n'), 'merges.txt line 3', '"ab"'],
  ['a merge has three parts', pair(abc, 'a b a\n'), 'merges.txt line 1', '"a b a"'],
  ['a merge has an empty part', pair(abc, 'a b\na \n'), 'merges.txt line 2', '"a "'],
  ['a merge line is blank', pair(abc, 'a b\n\na b\n'), 'merges.txt line 2', '""'],
  ['the first part of a merge is no token', pair(abc, 'x b'), 'merges.txt line 1', '"x b"', 'first part'],
  ['the second part of a merge is no token', pair(abc, 'a x'), 'merges.txt line 1', '"a x"', 'second part'],
  ['the result of a merge is no token', pair(abc, 'a b\nb a'), 'merges.txt line 2', '"b a"', 'makes a token'],
  ['a merge has a character that stands for no byte', pair(abc, 'a 漢'), 'merges.txt line 1', '"a 漢"'],
  ['merges.txt is not UTF-8', pair(abc, Uint8Array.of(0x61, 0xff)), 'merges.txt', 'UTF-8'],
  ['tokenizer.json is not JSON', { 'tokenizer.json': '{' }, 'tokenizer.json', 'not valid JSON'],
  ['tokenizer.json has no model', { 'tokenizer.json': { version: '1.0' } }, 'tokenizer.json', 'model'],
  ['model.vocab is missing', model({ vocab: undefined }), 'tokenizer.json', 'model.vocab'],
  ['model.vocab is a list', model({ vocab: ['a'] }), 'tokenizer.json', 'model.vocab'],
  ['model.merges is missing', model({ merges: undefined }), 'tokenizer.json', 'model.merges'],
  ['model.merges is text', model({ merges: 'a b' }), 'tokenizer.json', 'model.merges'],
  ['a merge is a number', model({ merges: ['a b', 5] }), 'tokenizer.json', 'model.merges[1]', '5'],
  ['a merge is a list of three', model({ merges: [['a', 'b', 'c']] }), 'model.merges[0]', '["a","b","c"]'],
  ['a merge is a pair with a number', model({ merges: [['a', 5]] }), 'model.merges[0]', '["a",5]'],
  ['a merge is a pair with an empty part', model({ merges: [['', 'b']] }), 'model.merges[0]', '["","b"]'],
  ['a merge is a pair with a space', model({ merges: [['a b', 'c']] }), 'model.merges[0]', '["a b","c"]'],
  ['added_tokens is an object', top({ added_tokens: {} }), 'tokenizer.json', 'added_tokens'],
  ['an added token is a string', top({ added_tokens: ['<x>'] }), 'tokenizer.json', 'added token'],
  ['an added token has no text', top({ added_tokens: [{ id: 260 }] }), 'tokenizer.json', '260'],
  ['an added token has empty text', top({ added_tokens: [addedToken('', 260)] }), 'tokenizer.json', '260'],
  ['an added token has no id', top({ added_tokens: [{ content: '<x>' }] }), 'tokenizer.json', '"<x>"'],
  ['an added token has a negative id', top({ added_tokens: [addedToken('<x>', -5)] }), '"<x>"', '-5'],
  [
    'an added token has the id of another',
    top({ added_tokens: [addedToken('<x>', 97)] }),
    '"<x>"',
    '"a"',
    '97',
  ],
  [
    'an added token has two ids',
    small({ 'added_tokens.json': { ab: 300 } }),
    'added_tokens.json',
    '300',
    '256',
  ],
  [
    'two added tokens share an id',
    small({ 'added_tokens.json': { '<x>': 260, '<y>': 260 } }),
    '"<x>"',
    '"<y>"',
  ],
  ['added_tokens.json is a list', small({ 'added_tokens.json': '[]' }), 'added_tokens.json', 'object'],
  [
    'special_tokens_map.json is not JSON',
    small({ 'special_tokens_map.json': '{' }),
    'special_tokens_map.json',
  ],
  ['tokenizer_config.json is not JSON', small({ 'tokenizer_config.json': 'x' }), 'tokenizer_config.json'],
  [
    'added_tokens_decoder has an id that is no number',
    small({ 'tokenizer_config.json': { added_tokens_decoder: { x: addedToken('<x>', 260) } } }),
    '"<x>"',
  ],
];
for (const [name, files, ...words] of malformed) {
  test(`${name}: invalid-file`, async () => {
    await thrown(() => loadFiles(files), 'invalid-file', ...words);
  });
}

test('a file that ends before its listed size: invalid-file', async () => {
  const source = memorySource('shrunk', { 'vocab.json': '{}', 'merges.txt': '' });
  const list = async () => [{ path: 'tokenizer.json', byteLength: 100 }];
  const read = async () => new Uint8Array(10);
  await thrown(
    () => tokenizerFromSource({ ...source, list, read }),
    'invalid-file',
    'gave 10 bytes',
    'bytes 0 to 100',
  );
});

test('a file of many gigabytes is refused before it is read: invalid-file', async () => {
  const list = async () => [{ path: 'tokenizer.json', byteLength: 2 ** 34 }];
  const read = async () => {
    throw new Error('was read');
  };
  await thrown(() => tokenizerFromSource({ name: 'huge', list, read }), 'invalid-file', 'tokenizer.json');
});

test('a source without a tokenizer: not-found', async () => {
  await thrown(
    () => loadFiles({ 'config.json': {} }),
    'not-found',
    'tokenizer.json',
    'vocab.json and merges.txt',
  );
});

test('vocab.json without merges.txt: not-found', async () => {
  await thrown(() => loadFiles({ 'vocab.json': { a: 0 } }), 'not-found', 'lacks merges.txt');
  const others =
    'spiece.model, tokenizer.model, sentencepiece.bpe.model, vocab.txt, meta.pkl, gpt2_tokenizer.bin';
  await thrown(() => loadFiles({}), 'not-found', `one of ${others}, *.tiktoken`);
});

test('a signal that fired: aborted', async () => {
  const source = memorySource('files', { 'vocab.json': JSON.stringify(abc), 'merges.txt': 'a b' });
  await thrown(() => tokenizerFromSource(source, AbortSignal.abort()), 'aborted');
});

test('a signal that fires while files are read: aborted', async () => {
  const source = memorySource('files', { 'vocab.json': JSON.stringify(abc), 'merges.txt': 'a b' });
  const controller = new AbortController();
  const read = async (path: string, start: number, end: number) => {
    const bytes = await source.read(path, start, end);
    controller.abort();
    return bytes;
  };
  await thrown(() => tokenizerFromSource({ ...source, read }, controller.signal), 'aborted');
});

test.run();
