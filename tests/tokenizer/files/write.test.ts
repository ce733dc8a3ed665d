import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer.js';
import { randomSource } from '../../support/random.js';
import { folderFixture } from '../../support/sources.js';
import {
  addedToken,
  loadFiles,
  loadSmall,
  randomText,
  readFixture,
  tokenizerJson,
  wellFormed,
} from '../helpers.js';

const END = '<|endoftext|>';

function forms(tokenizer: Tokenizer): Promise<Tokenizer[]> {
  const files = tokenizer.files();
  const { 'tokenizer.json': whole, ...others } = files;
  return Promise.all([
    loadFiles(files),
    loadFiles(others),
    loadFiles({ 'tokenizer.json': whole!, 'tokenizer_config.json': files['tokenizer_config.json']! }),
  ]);
}

/** Checks that two tokenizers are equal, on random texts and the given ones. */
function same(other: Tokenizer, tokenizer: Tokenizer, seed: number, texts: readonly string[] = []): void {
  assert.is(other.vocabSize, tokenizer.vocabSize);
  assert.is(other.bosTokenId, tokenizer.bosTokenId);
  assert.is(other.eosTokenId, tokenizer.eosTokenId);
  assert.equal([...other.specialTokens].sort(), [...tokenizer.specialTokens].sort());
  assert.equal(other.files(), tokenizer.files());
  const random = randomSource(seed);
  for (let round = 0; round < 100; round++) {
    const text =
      randomText(random, 80) + (texts.length > 0 ? random.pick(texts) : '') + randomText(random, 9);
    const ids = tokenizer.encode(text, { allowedSpecial: 'all' });
    assert.equal(other.encode(text, { allowedSpecial: 'all' }), ids, JSON.stringify(text));
    assert.is(other.decode(ids), tokenizer.decode(ids));
  }
}

test("GPT-2's own files come out as they went in", async () => {
  const tokenizer = await loadFiles({
    'vocab.json': readFixture('vocab.json'),
    'merges.txt': readFixture('merges.txt'),
  });
  const files = tokenizer.files();
  assert.ok(files['merges.txt'] === readFixture('merges.txt').replace(/^#version.*\n/, '#version: 0.2\n'));
  assert.equal(JSON.parse(files['vocab.json']!), JSON.parse(readFixture('vocab.json')));
  for (const other of await forms(tokenizer)) same(other, tokenizer, 701, [END]);
});

test('added tokens keep their ids and flags, in the vocabulary or beside it', async () => {
  const tokenizer = await loadFiles({
    'tokenizer.json': JSON.stringify(
      tokenizerJson({
        top: {
          added_tokens: [
            addedToken(END, 259, { special: true }),
            addedToken('<pad>', 260, { special: true, lstrip: true }),
            addedToken('plain word', 261),
            addedToken('é!', 263, { rstrip: true }),
          ],
        },
      }),
    ),
    'tokenizer_config.json': { bos_token: '<pad>', eos_token: END },
  });
  for (const other of await forms(tokenizer)) {
    same(other, tokenizer, 702, [END, '  <pad>', 'plain word', 'é!  x', 'plain']);
  }
});

test('no beginning and no end of text, a prefix space and an unknown token are kept', async () => {
  const { ab: _, ...vocab } = { ab: 0, x: 1, y: 2, Ġ: 3, xy: 4, '<unk>': 5, [END]: 6 };
  const tokenizer = await loadFiles({
    'vocab.json': vocab,
    'merges.txt': 'x y\n',
    'tokenizer_config.json': { bos_token: null, eos_token: null, unk_token: '<unk>', add_prefix_space: true },
  });
  assert.equal(tokenizer.encode('xyz'), [3, 4]);
  for (const other of await forms(tokenizer)) same(other, tokenizer, 703, ['<unk>', END]);

  const model = { unk_token: 'x', vocab, merges: ['x y'] };
  const plain = await loadFiles({
    'tokenizer.json': JSON.stringify(tokenizerJson({ top: { added_tokens: [] }, model })),
  });
  assert.equal(plain.encode('yz'), [2, 1]);
  same(await loadFiles(plain.files()), plain, 704);
});

test('what changes no token of a text is kept: padding, chats, lengths, tokens around a text', async () => {
  const settings = {
    pad_token: '<pad>',
    sep_token: { __type: 'AddedToken', content: '<sep>', lstrip: false, rstrip: false },
    chat_template: '{% for message in messages %}{{ message.content }}{% endfor %}',
    model_max_length: 512,
    padding_side: 'left',
    additional_special_tokens: ['<x>'],
    tokenizer_class: 'PreTrainedTokenizerFast',
    tokenizer_file: '/home/somebody/tokenizer.json',
  };
  const added = ['<pad>', '<sep>', '<x>', '<s>'].map((text, i) =>
    addedToken(text, 260 + i, { special: true }),
  );
  const postProcessor = {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [],
    special_tokens: { '<s>': { id: '<s>', ids: [263], tokens: ['<s>'] } },
  };
  const truncation = { direction: 'Right', max_length: 12, strategy: 'LongestFirst', stride: 2 };
  const map = { pad_token: '<pad>', eos_token: '<s>' };
  const tokenizer = await loadFiles({
    'tokenizer.json': tokenizerJson({
      top: { added_tokens: added, post_processor: postProcessor, truncation },
    }),
    'tokenizer_config.json': settings,
    'special_tokens_map.json': map,
  });
  const again = await loadFiles(tokenizer.files());
  assert.equal(again.files(), tokenizer.files());
  assert.is(again.eosTokenId, 263);
  const files = tokenizer.files();
  const { tokenizer_file: _, ...kept } = settings;
  const written = JSON.parse(files['tokenizer_config.json']!);
  for (const [name, value] of Object.entries(kept)) assert.equal(written[name], value, name);
  assert.not('tokenizer_file' in written);
  assert.is(written.eos_token, '<s>');
  const json = JSON.parse(files['tokenizer.json']!);
  assert.equal([json.post_processor, json.truncation], [postProcessor, truncation]);
  assert.equal(JSON.parse(files['special_tokens_map.json']!), map);
  assert.not('special_tokens_map.json' in (await loadSmall()).files());
});

test("the files of stories-tiny and the small tokenizer's load again", async () => {
  const source = folderFixture('fixtures/stories-tiny');
  const read = async (path: string) => source.read(path, 0, 1e9);
  const stories = await loadFiles({
    'vocab.json': await read('vocab.json'),
    'merges.txt': await read('merges.txt'),
  });
  for (const tokenizer of [stories, await loadSmall()]) {
    for (const other of await forms(tokenizer)) same(other, tokenizer, 705, [END]);
    const files = tokenizer.files();
    const huggingFace = new HuggingFaceTokenizer(
      JSON.parse(files['tokenizer.json']!),
      JSON.parse(files['tokenizer_config.json']!),
    );
    const random = randomSource(706);
    for (let round = 0; round < 100; round++) {
      // The other library splits with JavaScript's \s, which has U+FEFF and lacks U+0085.
      const text = wellFormed(randomText(random, 100)).replace(/[\ufeff\u0085]/g, '') + END;
      const { ids } = huggingFace.encode(text, { add_special_tokens: false });
      assert.equal(ids, tokenizer.encode(text, { allowedSpecial: 'all' }), JSON.stringify(text));
      assert.is(huggingFace.decode(ids, { clean_up_tokenization_spaces: false }), text);
    }
  }
});

test.run();
