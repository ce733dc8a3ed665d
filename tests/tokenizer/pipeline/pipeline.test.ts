import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../../src/files/json_object.js';
import { tokenizerOfJson } from '../../../src/tokenizer/files/of_json.js';
import { createTokenizer } from '../../../src/tokenizer/read_tokenizer.js';
import { tokenTexts } from '../../../src/tokenizer/token_texts.js';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer.js';
import { vocabularyTries } from '../../../src/tokenizer/vocabulary_trie.js';
import { holds } from '../../support/property.js';
import { thrown } from '../../support/thrown.js';

const BYTES = Array.from(
  { length: 256 },
  (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
);
const LETTERS = [...'abcdefghijklmnopqrstuvwxyz,.'];

/** A BPE of marked words, with all bytes. */
const BPE: JsonObject = {
  model: {
    type: 'BPE',
    byte_fallback: true,
    unk_token: '<unk>',
    vocab: Object.fromEntries(['<unk>', '▁', ...LETTERS, 'ab', '▁a', ...BYTES].map((text, id) => [text, id])),
    merges: ['a b', '▁ a'],
  },
  added_tokens: [{ id: 0, content: '<unk>', special: true }],
};

const load = async (json: JsonObject): Promise<Tokenizer> =>
  createTokenizer(
    await tokenizerOfJson('tokenizer.json', json, {
      ...{ addedTokens: undefined, specialTokensMap: undefined, tokenizerConfig: undefined },
    }),
  );

const METASPACE = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true };
const SPACES = { type: 'Replace', pattern: { String: '▁' }, content: ' ' };
const DECODERS: readonly (JsonObject | null)[] = [
  null,
  METASPACE,
  { ...METASPACE, prepend_scheme: 'never' },
  { type: 'WordPiece', prefix: 'a', cleanup: true },
  { type: 'BPEDecoder', suffix: 'b' },
  { type: 'CTC', pad_token: 'a', word_delimiter_token: '▁', cleanup: true },
  { type: 'ByteLevel' },
  { type: 'Sequence', decoders: [{ type: 'ByteFallback' }, METASPACE] },
  {
    type: 'Sequence',
    decoders: [
      SPACES,
      { type: 'ByteFallback' },
      { type: 'Fuse' },
      { type: 'Strip', content: ' ', start: 1, stop: 2 },
    ],
  },
  {
    type: 'Sequence',
    decoders: [{ type: 'Fuse' }, { ...SPACES, pattern: { String: 'ab▁' } }, { type: 'ByteFallback' }],
  },
  {
    type: 'Sequence',
    decoders: [{ type: 'Fuse' }, { ...SPACES, pattern: { Regex: 'b+' } }, { type: 'ByteLevel' }],
  },
  { type: 'Sequence', decoders: [{ type: 'Fuse' }, { type: 'BPEDecoder', suffix: 'b' }, METASPACE] },
];

const tokenizers = await Promise.all(DECODERS.map((decoder) => load({ ...BPE, decoder })));
const size = tokenizers[0]!.vocabSize;
const lists = fc.array(fc.oneof(fc.integer({ min: 0, max: 32 }), fc.integer({ min: 0, max: size - 1 })), {
  maxLength: 12,
});

test('what a stream has shown is never taken back, and all of it is the decoding of the ids', () =>
  holds(
    'streams of decoders',
    fc.record({ ids: lists, more: lists, index: fc.nat(DECODERS.length - 1) }),
    async ({ ids, more, index }) => {
      const tokenizer = tokenizers[index]!;
      const decoder = tokenizer.streamDecoder();
      const shown = ids.map((id) => decoder.push(id)).join('');
      // However the ids go on, their text begins with what was shown.
      for (const all of [ids, [...ids, ...more]]) assert.ok(tokenizer.decode(all).startsWith(shown));
      assert.is(shown + decoder.end(), tokenizer.decode(ids));
      assert.is(ids.map((id) => decoder.push(id)).join('') + decoder.end(), tokenizer.decode(ids), 'again');
    },
    500,
  ));

test('half a character is not shown', async () => {
  const tokenizer = tokenizers[7]!;
  const ids = tokenizer.encode('a é😀');
  const decoder = tokenizer.streamDecoder({ continues: true });
  const parts = ids.map((id) => decoder.push(id));
  assert.not.ok(parts.join('').includes('\ufffd'));
  assert.is(parts.join('') + decoder.end(), 'a é😀');
});

test('a completion keeps the space at its beginning, which a text of its own has not', async () => {
  const tokenizer = await load({ ...BPE, pre_tokenizer: METASPACE, decoder: METASPACE });
  const ids = tokenizer.encode('ab');
  assert.is(tokenizer.decode(ids), 'ab');
  const decoder = tokenizer.streamDecoder({ continues: true });
  assert.is(ids.map((id) => decoder.push(id)).join('') + decoder.end(), ' ab');
  assert.equal(
    ids.flatMap((id) => [...tokenizer.tokenBytes(id)]),
    [...new TextEncoder().encode(' ab')],
  );
});

test('the tokens along a text are those whose bytes begin as it does', async () => {
  const tokenizer = await load({ ...BPE, pre_tokenizer: METASPACE, decoder: METASPACE });
  const textOf = (id: number) => new TextDecoder().decode(tokenizer.tokenBytes(id));
  assert.equal(tokenizer.tokensAlong(new TextEncoder().encode(' a')).map(textOf), [' ', ' a']);
  assert.is(tokenizer.tokenToId(' a'), tokenizer.tokenToId('▁a'));
  assert.is(tokenizer.tokenToId('zz'), undefined);
});

test('formats are refused if a decoder changes a token by what comes after it', async () => {
  for (const type of ['BPEDecoder', 'CTC']) {
    const tokenizer = await load({ ...BPE, decoder: { type } });
    await thrown(async () => vocabularyTries(tokenizer), 'unsupported', /formats and banned texts/);
  }
  vocabularyTries(tokenizers[1]!);
});

test('ids without a token, and other values, are refused', async () => {
  const [tokenizer] = tokenizers;
  for (const call of [
    () => tokenizer!.decode([size]),
    () => tokenizer!.decode(5 as never),
    () => tokenizer!.decode([1], { skip: true } as never),
    () => tokenizer!.tokenBytes(size),
    () => tokenizer!.streamDecoder().push(-1),
    () => tokenizer!.encode(5 as never),
    () => tokenizer!.encode('a', { allowedSpecial: ['x'] }),
    () => tokenizer!.encode('a', { addSpecial: true } as never),
    () => tokenizer!.tokenize('a', { pair: 5 as never }),
  ]) {
    await thrown(call, 'invalid-option');
  }
});

test('lone surrogates are U+FFFD, and offsets count UTF-16 units', async () => {
  const [tokenizer] = tokenizers;
  assert.equal(tokenizer!.encode('\ud800a'), tokenizer!.encode('\ufffda'));
  const { offsets } = await tokenizer!.tokenize('😀a\ud800b');
  assert.equal(offsets.slice(-5), [
    [2, 3],
    [3, 4],
    [3, 4],
    [3, 4],
    [4, 5],
  ]);
  assert.equal(new Set(offsets.slice(0, 4).map(String)), new Set(['0,2']));
});

test('the texts of tokens are parts of the text that was given, whatever the tokenizer makes of it', async () => {
  const normalizer = { type: 'Lowercase' };
  const tokenizer = await load({ ...BPE, normalizer, pre_tokenizer: METASPACE, decoder: METASPACE });
  const given = 'AB  é c\n';
  const ids = tokenizer.encode(given);
  const { text, texts, offsets } = tokenTexts(tokenizer, ids, given);
  assert.is(text, given);
  assert.is(texts.join(''), given);
  assert.equal(texts.slice(0, 2), ['', 'AB']);
  assert.is(texts.filter((part) => part.includes('é')).length, 1);
  assert.is(offsets.at(-1), given.length);
  assert.is(tokenTexts(tokenizer, ids.slice(1), given).text, tokenizer.decode(ids.slice(1)));
});

test('a text with more tokens than wanted is not encoded', async () => {
  const [tokenizer] = tokenizers;
  assert.is(tokenizer!.encodeUpTo('z'.repeat(100), 99), undefined);
  assert.is(tokenizer!.encodeUpTo('z'.repeat(100), 100)!.length, 100);
});

test('a word without a token, in a vocabulary without an unknown token, is refused by name', async () => {
  const vocab = { a: 0 };
  const split = { type: 'WhitespaceSplit' };
  for (const model of [
    { type: 'WordLevel', vocab, unk_token: '[UNK]' },
    { type: 'WordPiece', vocab, unk_token: '[UNK]' },
    { type: 'Unigram', vocab: [['a', -1]], unk_id: null },
  ]) {
    const tokenizer = await load({ model, pre_tokenizer: split });
    assert.equal(tokenizer.encode('a a'), [0, 0]);
    await thrown(() => tokenizer.encode('a b'), 'invalid-option', /no token for "b"/);
  }
});

test('a character of which a byte has no token is unknown', async () => {
  const bytes = [...new TextEncoder().encode('bé')]
    .slice(0, 2)
    .map((byte) => `<0x${byte.toString(16).toUpperCase()}>`);
  const vocab = ['<unk>', 'a', ...bytes].map((text, i) => [text, -i]);
  const model = { type: 'Unigram', vocab, unk_id: 0, byte_fallback: true };
  assert.equal((await load({ model })).encode('abaéa'), [1, 2, 1, 0, 1]);
});

test('a long word of a hostile file takes no longer than its length', async () => {
  const vocab = { '[UNK]': 0, ...Object.fromEntries([...'ab'].map((text, i) => [text, i + 1])) };
  const model = {
    type: 'WordPiece',
    vocab,
    unk_token: '[UNK]',
    max_input_chars_per_word: 1e9,
    continuing_subword_prefix: '',
  };
  const tokenizer = await load({ model, pre_tokenizer: null });
  assert.is(tokenizer.encode('ab'.repeat(1e5)).length, 2e5);
});

/** Parts that are not read: refused when the file is, with the part's name. */
const REFUSED: readonly (readonly [JsonObject, string | RegExp])[] = [
  [{ model: { type: 'Foo' } }, 'the model Foo'],
  [{ normalizer: { type: 'Foo' } }, 'the normalizer Foo'],
  [{ normalizer: { type: 'Sequence', normalizers: [{ type: 'Foo' }] } }, 'the normalizer Foo'],
  [{ pre_tokenizer: { type: 'UnicodeScripts' } }, 'the pre-tokenizer UnicodeScripts'],
  [{ pre_tokenizer: { type: 'Split', pattern: { String: 'a' }, behavior: 'Foo' } }, /behavior "Foo"/],
  [
    { pre_tokenizer: { type: 'Split', pattern: { Regex: '(a+)+' }, behavior: 'Removed' } },
    /regular expression/,
  ],
  [{ post_processor: { type: 'Foo' } }, 'the post-processor Foo'],
  [{ decoder: { type: 'Foo' } }, 'the decoder Foo'],
  [{ decoder: { type: 'BPEDecoder', suffix: '' } }, 'an empty suffix'],
  [{ normalizer: { type: 'Prepend', prepend: 'a'.repeat(2000) } }, 'prepend of 2000 characters'],
  [{ model: { type: 'WordLevel', vocab: { ['a'.repeat(5000)]: 0 } } }, 'of 5000 characters'],
  [{ model: { ...(BPE.model as JsonObject), dropout: 0.5 } }, 'dropout 0.5'],
];
for (const [json, why] of REFUSED) {
  test(`${JSON.stringify(json).slice(0, 70)} is refused by name`, async () => {
    await thrown(() => load({ ...BPE, ...json }), 'unsupported', /tokenizer\.json/, new RegExp(why));
  });
}

test('replacements that multiply a text again and again are refused', async () => {
  const times = { type: 'Replace', pattern: { String: 'a' }, content: 'a'.repeat(1000) };
  const normalizer = { type: 'Sequence', normalizers: [times, times, times] };
  const tokenizer = await load({ ...BPE, normalizer });
  await thrown(() => tokenizer.encode('a'), 'invalid-option', /too long/);
});

const repeated = (step: JsonObject, times = 30) => Array.from({ length: times }, () => step);
const twice = { type: 'Replace', pattern: { String: 'a' }, content: 'aa' };
const GROWING: readonly JsonObject[] = [
  { normalizer: { type: 'Sequence', normalizers: repeated(twice) } },
  { normalizer: { type: 'Sequence', normalizers: repeated({ type: 'ByteLevel' }) } },
  { pre_tokenizer: { type: 'Sequence', pretokenizers: repeated({ type: 'ByteLevel', use_regex: false }) } },
  { decoder: { type: 'Sequence', decoders: repeated(twice) } },
  { decoder: { type: 'Sequence', decoders: [{ type: 'Fuse' }, ...repeated(twice)] } },
  {
    decoder: {
      type: 'Sequence',
      decoders: [{ type: 'Fuse' }, ...repeated({ ...twice, pattern: { Regex: 'a' } })],
    },
  },
];
for (const parts of GROWING) {
  test(`steps that double a text thirty times are refused: ${JSON.stringify(parts).slice(0, 60)}`, async () => {
    await thrown(
      async () => {
        const tokenizer = await load({ ...BPE, ...parts });
        tokenizer.encode('é');
        tokenizer.decode(tokenizer.encode('a'));
      },
      'invalid-option',
      /too long/,
    );
  });
}

const TEMPLATE = { type: 'TemplateProcessing', pair: [] };
const LARGE: readonly (readonly [JsonObject, RegExp])[] = [
  [{ normalizer: { type: 'Sequence', normalizers: repeated({ type: 'NFC' }, 65) } }, /more than 64 steps/],
  [{ pre_tokenizer: { type: 'CharDelimiterSplit', delimiter: 'a'.repeat(2000) } }, /2000 characters/],
  [{ normalizer: { ...twice, pattern: { String: 'a'.repeat(2000) } } }, /2000 characters/],
  [{ post_processor: { ...TEMPLATE, single: repeated({ Sequence: { id: 'A' } }) } }, /more than 16 texts/],
  [
    {
      post_processor: {
        ...{ ...TEMPLATE, single: repeated({ SpecialToken: { id: 'a' } }) },
        special_tokens: { a: { ids: Array(999).fill(0), tokens: Array(999).fill('a') } },
      },
    },
    /more than 4096 tokens/,
  ],
];
for (const [parts, why] of LARGE) {
  test(`a part that would take long is refused: ${why}`, async () => {
    await thrown(() => load({ ...BPE, ...parts }), 'unsupported', why);
  });
}

/** Damaged parts. */
const DAMAGED: readonly (readonly [JsonObject, RegExp])[] = [
  [{ model: null }, /no model/],
  [{ model: { type: 'WordLevel', vocab: [] } }, /vocab is no object/],
  [{ model: { type: 'WordLevel', vocab: {} } }, /empty/],
  [{ model: { type: 'WordLevel', vocab: { a: 0, b: 0 } } }, /both have the id 0/],
  [{ model: { type: 'WordLevel', vocab: { a: 1.5 } } }, /id 1.5/],
  [{ model: { type: 'WordLevel', vocab: { a: 2 ** 30 } } }, /id 1073741824/],
  [{ model: { type: 'Unigram', vocab: [['a']] } }, /token 0 is/],
  [{ model: { type: 'Unigram', vocab: [['a', 0]], unk_id: 7 } }, /unk_id is 7/],
  [{ model: { type: 'Unigram', vocab: {} } }, /vocab is no array/],
  [{ model: { ...(BPE.model as JsonObject), merges: ['a'] } }, /merge 0, "a"/],
  [{ model: { ...(BPE.model as JsonObject), merges: ['a z z'] } }, /not two tokens/],
  [{ model: { ...(BPE.model as JsonObject), merges: [['a', 'c']] } }, /makes a token/],
  [{ normalizer: 5 }, /normalizer is no object/],
  [{ normalizer: { type: 'Sequence' } }, /normalizers is no array/],
  [{ normalizer: { type: 'Prepend' } }, /prepend is undefined/],
  [{ normalizer: { type: 'Replace', pattern: 'a', content: '' } }, /neither \{ String \}/],
  [{ normalizer: { type: 'Precompiled', precompiled_charsmap: '!' } }, /no base64/],
  [{ normalizer: { type: 'Precompiled', precompiled_charsmap: 'AAAA' } }, /damaged/],
  [{ normalizer: { type: 'Lowercase' }, added_tokens: {} }, /added_tokens is no array/],
  [{ added_tokens: [{ id: 1, content: 'other' }] }, /that of "▁"/],
  [{ pre_tokenizer: { ...METASPACE, replacement: 'ab' } }, /not one character/],
  [
    { post_processor: { type: 'TemplateProcessing', single: [{ SpecialToken: { id: 'lacking' } }] } },
    /special_tokens/,
  ],
  [{ post_processor: { type: 'BertProcessing', cls: ['a'], sep: ['b', 1] } }, /cls is/],
  [{ decoder: { type: 'Sequence', decoders: [null] } }, /null/],
  [{ decoder: { type: 'Strip', content: 'ab' } }, /not one character/],
];
for (const [json, why] of DAMAGED) {
  test(`${JSON.stringify(json).slice(0, 70)} is invalid`, async () => {
    await thrown(() => load({ ...BPE, ...json }), 'invalid-file', /tokenizer\.json/, why);
  });
}

test.run();
