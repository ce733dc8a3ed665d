import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadFiles, SMALL_MERGES, smallVocab } from '../helpers.js';

const load = (merges: string) => loadFiles({ 'vocab.json': smallVocab(), 'merges.txt': merges });

test('merges.txt may lack the version line', async () => {
  assert.equal((await load(SMALL_MERGES.join('\n'))).encode('abc'), [257]);
});

test('a first merge that begins with # is a merge', async () => {
  const vocab = { ...smallVocab(), '##': 260 };
  const tokenizer = await loadFiles({ 'vocab.json': vocab, 'merges.txt': '# #\na b\n' });
  assert.equal(tokenizer.encode('##ab'), [260, 256]);
});

test('a later line that begins with #version is a merge', async () => {
  const vocab = { ...smallVocab(), '#v': 260, '#ve': 261 };
  const tokenizer = await loadFiles({ 'vocab.json': vocab, 'merges.txt': '#version: 0.2\n# v\n#v e\n' });
  assert.equal(tokenizer.encode('#ve'), [35, 118, 101]);
});

test('lines may end with a carriage return and a line feed', async () => {
  const tokenizer = await load(`#version: 0.2\r\n${SMALL_MERGES.join('\r\n')}\r\n`);
  assert.equal(tokenizer.encode('abc a'), [257, 258]);
});

test('a byte order mark before the version line is skipped', async () => {
  assert.equal((await load(`\ufeff#version: 0.2\n${SMALL_MERGES.join('\n')}`)).encode('abc'), [257]);
});

test('a tokenizer without merges has bytes alone', async () => {
  assert.equal((await load('#version: 0.2\n')).encode('abc'), [97, 98, 99]);
});

test('words that every object has are tokens like others', async () => {
  const vocab = JSON.parse('{"c": 0, "o": 1, "co": 2, "__proto__": 3, "constructor": 4}');
  const tokenizer = await loadFiles({
    'vocab.json': vocab,
    'merges.txt': 'c o',
    'added_tokens.json': { toString: 5 },
  });
  assert.equal(tokenizer.encode('cotoString'), [2, 5]);
  assert.is(tokenizer.tokenToId('__proto__'), 3);
  assert.is(tokenizer.tokenToId('constructor'), 4);
  assert.is(tokenizer.tokenToId('valueOf'), undefined);
});

test('ids may have gaps, whose numbers are no tokens', async () => {
  const tokenizer = await loadFiles({ 'vocab.json': { a: 5, b: 2 }, 'merges.txt': '' });
  assert.is(tokenizer.vocabSize, 6);
  assert.equal(tokenizer.encode('ab'), [5, 2]);
  assert.throws(() => tokenizer.decode([3]), /token id 3 /);
});

test('a token outside the byte alphabet decodes to its text', async () => {
  const tokenizer = await loadFiles({ 'vocab.json': { a: 0, '<pad token>': 1, 漢: 2 }, 'merges.txt': '' });
  assert.is(tokenizer.decode([2, 0, 1]), '漢a<pad token>');
});

test.run();
