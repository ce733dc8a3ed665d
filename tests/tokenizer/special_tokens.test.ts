import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { thrown } from '../support/thrown.js';
import { addedToken, loadFiles, loadSmall, tokenizerJson } from './helpers.js';

const END = '<|endoftext|>';
const byteIds = (text: string) => [...new TextEncoder().encode(text)];

test('by default a special token in a text is plain text', async () => {
  const tokenizer = await loadSmall();
  assert.equal(tokenizer.encode(`x${END}`), byteIds(`x${END}`));
  assert.equal(tokenizer.encode(`x${END}`, {}), byteIds(`x${END}`));
  assert.equal(tokenizer.encode(`x${END}`, { allowedSpecial: 'none' }), byteIds(`x${END}`));
});

test("allowedSpecial 'all' makes special tokens of the text that spells them", async () => {
  const tokenizer = await loadSmall();
  assert.equal(tokenizer.encode(`x${END}${END}y`, { allowedSpecial: 'all' }), [120, 259, 259, 121]);
  assert.equal(tokenizer.encode(END, { allowedSpecial: 'all' }), [259]);
});

test('allowedSpecial with names makes those alone', async () => {
  const tokenizer = await loadSmall({
    'added_tokens.json': { '<pad>': 300 },
    'special_tokens_map.json': { pad_token: '<pad>' },
  });
  assert.equal([...tokenizer.specialTokens].sort(), [
    ['<pad>', 300],
    [END, 259],
  ]);
  const text = `<pad>${END}`;
  assert.equal(tokenizer.encode(text, { allowedSpecial: ['<pad>'] }), [300, ...byteIds(END)]);
  assert.equal(tokenizer.encode(text, { allowedSpecial: [END] }), [...byteIds('<pad>'), 259]);
  assert.equal(tokenizer.encode(text, { allowedSpecial: [END, '<pad>'] }), [300, 259]);
  assert.equal(tokenizer.encode(text, { allowedSpecial: [] }), byteIds(text));
});

test('allowedSpecial refuses a name that is no special token', async () => {
  const tokenizer = await loadSmall({ 'added_tokens.json': { plain: 300 } });
  await thrown(
    () => tokenizer.encode('x', { allowedSpecial: ['<|end|>'] }),
    'invalid-option',
    '"<|end|>"',
    END,
  );
  await thrown(() => tokenizer.encode('x', { allowedSpecial: ['plain'] }), 'invalid-option', '"plain"');
});

test('allowedSpecial refuses any other value', async () => {
  const tokenizer = await loadSmall();
  for (const value of ['some', END, true, 3, null, {}]) {
    const options = { allowedSpecial: value as 'all' };
    await thrown(() => tokenizer.encode('x', options), 'invalid-option', "'none', 'all' or an array");
  }
  await thrown(() => tokenizer.encode('x', { allowedSpecial: [5 as unknown as string] }), 'invalid-option');
});

test('encode refuses what is no string', async () => {
  const tokenizer = await loadSmall();
  for (const text of [undefined, null, 5, ['a'], {}]) {
    await thrown(() => tokenizer.encode(text as unknown as string), 'invalid-option', 'must be a string');
  }
});

test('added tokens that are not special are always found, the longest first', async () => {
  const tokenizer = await loadSmall({ 'added_tokens.json': { '<a>': 260, '<a><b>': 261, '😀': 262 } });
  assert.equal(tokenizer.encode('<a><b><a>ab😀x'), [261, 260, 256, 262, 120]);
  assert.is(tokenizer.decode([261, 260, 256, 262, 120]), '<a><b><a>ab😀x');
  assert.equal(tokenizer.specialTokens.has('<a>'), false);
  assert.is(tokenizer.vocabSize, 263);
  assert.is(tokenizer.tokenToId('😀'), 262);
});

test('an added token is searched as text, not as a pattern', async () => {
  const tokenizer = await loadSmall({ 'added_tokens.json': { 'a.c|[x]*': 260 } });
  assert.equal(tokenizer.encode('abc'), [257]);
  assert.equal(tokenizer.encode('a.c|[x]*x'), [260, 120]);
});

test('an added token in Latin-1 decodes to itself, not the bytes that its letters stand for', async () => {
  const tokenizer = await loadSmall({ 'added_tokens.json': { äö: 260 } });
  assert.is(tokenizer.decode(tokenizer.encode('xäöx')), 'xäöx');
});

test('the text on both sides of an added token is split on its own', async () => {
  const tokenizer = await loadSmall({ 'added_tokens.json': { '<t>': 260 } });
  // White space leaves its last character to the text that follows; before the token no text follows.
  assert.equal(tokenizer.encode('  <t> a'), [32, 32, 260, 258]);
  assert.equal(tokenizer.encode('a<t>b'), [97, 260, 98]);
});

test('lstrip and rstrip take the white space beside a token along', async () => {
  const decoder = {
    260: addedToken('<l>', 260, { lstrip: true }),
    261: addedToken('<r>', 261, { rstrip: true }),
  };
  const tokenizer = await loadSmall({ 'tokenizer_config.json': { added_tokens_decoder: decoder } });
  assert.equal(tokenizer.encode('x \n\u00a0<l> x'), [120, 260, 32, 120]);
  assert.equal(tokenizer.encode('x <r>\u3000\t x'), [120, 32, 261, 120]);
  assert.equal(tokenizer.encode(' <l>  '), [260, 32, 32]);
  assert.equal(tokenizer.encode(' <r>  '), [32, 261]);
  assert.equal(tokenizer.encode('<r>  <l>'), [261, 260]);
});

test('a token of single words is found where no part of a word stands beside it', async () => {
  const added = [addedToken(END, 259), addedToken('zq', 260, { single_word: true, rstrip: true })];
  const tokenizer = await loadFiles({ 'tokenizer.json': tokenizerJson({ top: { added_tokens: added } }) });
  for (const text of ['zq', 'x zq y', '(zq)', '-zq-', '😀zq😀']) {
    assert.ok(tokenizer.encode(text).includes(260), text);
  }
  for (const text of ['xzq', 'zqx', '_zq', 'zq1', 'ézq', 'zq𝐀', '𝐀zq', 'zqzq', '字zq', 'zq\u20dd']) {
    assert.not(tokenizer.encode(text).includes(260), text);
  }
  assert.equal(tokenizer.encode('zq  zq'), [260, 260]);
  const [, token] = JSON.parse(tokenizer.files()['tokenizer.json']!).added_tokens;
  assert.ok(token.single_word);
});

test('tokens that are not normalized are found before those that are', async () => {
  const added = [addedToken(END, 259), addedToken('xzq', 260, { normalized: true }), addedToken('zq', 261)];
  const tokenizer = await loadFiles({ 'tokenizer.json': tokenizerJson({ top: { added_tokens: added } }) });
  assert.equal(tokenizer.encode('xzq'), [120, 261]);
});

test('the settings files name the tokens that begin and end a text', async () => {
  const others = { 'added_tokens.json': { '<s>': 260, '</s>': 261 } };
  const asText = await loadSmall({
    ...others,
    'special_tokens_map.json': { bos_token: '<s>', eos_token: '</s>' },
  });
  assert.is(asText.bosTokenId, 260);
  assert.is(asText.eosTokenId, 261);
  assert.equal([...asText.specialTokens.keys()].sort(), ['</s>', '<s>']);
  const asObject = await loadSmall({
    ...others,
    'tokenizer_config.json': { bos_token: { __type: 'AddedToken', content: '<s>' }, eos_token: null },
  });
  assert.is(asObject.bosTokenId, 260);
  assert.is(asObject.eosTokenId, undefined, 'null means that there is none');
});

test('special_tokens_map.json counts before a tokenizer_config.json that lists no added tokens', async () => {
  const files = {
    'added_tokens.json': { '<s>': 260, '</s>': 261 },
    'special_tokens_map.json': { bos_token: { content: '<s>' }, eos_token: '</s>', pad_token: null },
  };
  const config = { bos_token: END, eos_token: END, pad_token: END, unk_token: END };
  const old = await loadSmall({ ...files, 'tokenizer_config.json': config });
  assert.equal([old.bosTokenId, old.eosTokenId], [260, 261]);
  assert.is(JSON.parse(old.files()['tokenizer_config.json']!).pad_token, null);
  assert.is(JSON.parse(old.files()['tokenizer_config.json']!).unk_token, END, 'the map does not name it');
  const decoder = { 259: addedToken(END, 259, { special: true }) };
  const newer = await loadSmall({
    ...files,
    'tokenizer_config.json': { ...config, added_tokens_decoder: decoder },
  });
  assert.equal([newer.bosTokenId, newer.eosTokenId], [259, 259]);
  const { eos_token: _, ...withoutEnd } = config;
  const defaults = await loadSmall({
    ...files,
    'tokenizer_config.json': { ...withoutEnd, added_tokens_decoder: decoder },
  });
  assert.is(defaults.eosTokenId, 259, "GPT2Tokenizer's own end of text, not the map's");
});

test('a class of tokenizers without tokens of its own ends a text with nothing', async () => {
  for (const tokenizer_class of ['PreTrainedTokenizerFast', 'TokenizersBackend']) {
    const tokenizer = await loadSmall({ 'tokenizer_config.json': { tokenizer_class, bos_token: END } });
    assert.equal([tokenizer.bosTokenId, tokenizer.eosTokenId], [259, undefined]);
  }
  assert.is(
    (await loadSmall({ 'tokenizer_config.json': { tokenizer_class: 'GPT2Tokenizer' } })).eosTokenId,
    259,
  );
});

test('without settings files the text ends with <|endoftext|>, where the vocabulary has it', async () => {
  const tokenizer = await loadFiles({ 'vocab.json': { a: 0 }, 'merges.txt': '' });
  assert.is(tokenizer.eosTokenId, undefined);
  assert.is(tokenizer.specialTokens.size, 0);
  assert.is((await loadSmall()).eosTokenId, 259);
});

test('additional special tokens are special, as a list or by name', async () => {
  const others = { 'added_tokens.json': { '<x>': 260, '<y>': 261, '<z>': 262 } };
  const tokenizer = await loadSmall({
    ...others,
    'special_tokens_map.json': { additional_special_tokens: ['<x>', { content: '<y>', lstrip: true }] },
    'tokenizer_config.json': { extra_special_tokens: { image: '<z>' } },
  });
  assert.equal(tokenizer.encode('<x><y><z>'), byteIds('<x><y><z>'));
  assert.equal(tokenizer.encode('<x><y><z>', { allowedSpecial: 'all' }), [260, 261, 262]);
});

test('a settings file may name a token that has no id', async () => {
  const tokenizer = await loadSmall({ 'special_tokens_map.json': { pad_token: '[PAD]', eos_token: END } });
  assert.equal([...tokenizer.specialTokens.keys()], [END]);
});

test('tokens that the files put around every text are noted, since encode adds none', async () => {
  const template = {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: END, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [],
    special_tokens: {},
  };
  const byteLevel = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false };
  const load = (post_processor: unknown, config: object = {}) =>
    loadFiles({
      'tokenizer.json': tokenizerJson({ top: { post_processor } }),
      'tokenizer_config.json': { ...config },
    });
  for (const processor of [template, { type: 'Sequence', processors: [byteLevel, template] }]) {
    const tokenizer = await load(processor);
    assert.equal(tokenizer.encode('a'), [97]);
    assert.is(tokenizer.notes.length, 1);
    assert.match(tokenizer.notes[0]!, /a post-processor with <\|endoftext\|>\), which other libraries add/);
  }
  assert.match((await load(null, { add_bos_token: true })).notes[0]!, /\(add_bos_token\)/);
  const without = { ...template, single: [{ Sequence: { id: 'A', type_id: 0 } }] };
  for (const processor of [null, byteLevel, without, { type: 'Sequence', processors: [] }]) {
    assert.equal((await load(processor, { add_bos_token: false })).notes, []);
  }
});

test.run();
