import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../src/base/errors.js';
import type { JsonObject } from '../../../src/files/json_object.js';
import { loadTokenizer } from '../../../src/index.js';
import { readTiktoken } from '../../../src/tokenizer/files/tiktoken.js';
import { holds } from '../../support/property.js';
import { thrown } from '../../support/thrown.js';
import { textFixture } from '../../tokenizer/files/other_files.js';
import { expectedOf, modelOf } from '../../tokenizer/sentencepiece/models.js';
import { ggufSource } from './models.js';
import { array, typed, writeGguf } from './writer.js';

/** Loads a file that has only a tokenizer; keys are those under tokenizer.ggml. */
const load = (metadata: Record<string, Uint8Array>) => {
  const named = Object.entries(metadata).map(([key, value]) => [`tokenizer.ggml.${key}`, value] as const);
  return loadTokenizer(ggufSource(writeGguf({ metadata: named, tensors: [] })));
};

/** A SentencePiece model as llama.cpp's converter writes it. */
function sentencePiece(name: string, model: string): Record<string, Uint8Array> {
  const { pieces, scores, types, charsmap, addDummyPrefix, removeExtraWhitespaces } = modelOf(name);
  return {
    model: typed('string', model),
    tokens: array('string', [...pieces]),
    scores: array('f32', [...scores]),
    token_type: array('i32', [...types]),
    unknown_token_id: typed('u32', 0),
    add_space_prefix: typed('bool', addDummyPrefix),
    remove_extra_whitespaces: typed('bool', removeExtraWhitespaces),
    ...(charsmap.length > 0 && { precompiled_charsmap: array('u8', [...charsmap]) }),
  };
}

for (const [name, model] of [
  ['sp-bpe', 'llama'],
  ['sp-unigram', 't5'],
  ['sp-unigram-bytes', 't5'],
] as const) {
  test(`the tokenizer ${model} gives the ids of ${name}`, async () => {
    const tokenizer = await load(sentencePiece(name, model));
    for (const { text, ids, decoded } of expectedOf(name).cases) {
      assert.equal(tokenizer.encode(text), ids, JSON.stringify(text));
      assert.is(tokenizer.decode(ids), decoded);
    }
  });
}

test('the tokenizer bert gives the ids of its vocab.txt', async () => {
  const lines = textFixture('bert-vocab-txt/vocab.txt').trimEnd().split('\n');
  const isControl = (token: string) => /^\[(?:PAD|UNK|CLS|SEP|MASK)\]$/.test(token);
  const tokenizer = await load({
    model: typed('string', 'bert'),
    tokens: array(
      'string',
      lines.map((token) =>
        isControl(token) ? token : token.startsWith('##') ? token.slice(2) : `\u2581${token}`,
      ),
    ),
    token_type: array(
      'i32',
      lines.map((token) => (isControl(token) ? 3 : 1)),
    ),
    unknown_token_id: typed('u32', 1),
    bos_token_id: typed('u32', 2),
    seperator_token_id: typed('u32', 3),
  });
  const options = { allowedSpecial: 'all', addSpecialTokens: true } as const;
  const { cases } = JSON.parse(textFixture('bert-vocab-txt/expected.json'));
  for (const { text, ids } of cases) assert.equal(tokenizer.encode(text, options), ids, JSON.stringify(text));
});

test('the tokenizer gpt2 splits texts by the patterns of tokenizer.ggml.pre', async () => {
  const { cases, pat_str, special_tokens } = JSON.parse(textFixture('tiktoken/expected.json'));
  const file = { label: 'file', text: textFixture('tiktoken/tiny.tiktoken') };
  const { vocab, merges } = readTiktoken(file, { pat_str, special_tokens }).model as {
    vocab: Record<string, number>;
    merges: [string, string][];
  } & JsonObject;
  const tokens = Object.keys(vocab).sort((a, b) => vocab[a]! - vocab[b]!);
  const metadata = {
    model: typed('string', 'gpt2'),
    tokens: array('string', [...tokens, '<|endoftext|>']),
    token_type: array('i32', [...tokens.map(() => 1), 3]),
    merges: array(
      'string',
      merges.map((pair) => pair.join(' ')),
    ),
  };
  // llama-bpe has the pattern of the fixture.
  const same = await load({ ...metadata, pre: typed('string', 'llama-bpe') });
  for (const { text, ids_ordinary } of cases)
    assert.equal(same.encode(text), ids_ordinary, JSON.stringify(text));
  const tokensOf = async (pre: string, text: string) => {
    const tokenizer = await load({ ...metadata, pre: typed('string', pre) });
    return (await tokenizer.tokenize(text)).tokens;
  };
  assert.equal(await tokensOf('starcoder', '12 34'), ['1', '2', 'Ġ', '3', '4']);
  for (const pre of ['default', 'gpt-4o', 'bloom', 'mpt']) {
    const tokenizer = await load({ ...metadata, pre: typed('string', pre) });
    for (const { text, decoded } of cases) {
      assert.is(tokenizer.decode(tokenizer.encode(text, { allowedSpecial: 'all' })), decoded, pre);
    }
  }
});

test('other kinds and damaged lists are refused by name', async () => {
  const tokens = array('string', ['a']);
  const none = array('string', []);
  const model = (name: string) => typed('string', name);
  await thrown(
    () => load({ model: model('rwkv'), tokens }),
    'unsupported',
    '"rwkv"',
    'gpt2, llama, t5, bert',
  );
  const other = { model: model('gpt2'), tokens, merges: none, pre: model('new-kind') };
  await thrown(() => load(other), 'unsupported', '"new-kind"', 'llama-bpe');
  await thrown(() => load({ model: model('llama'), tokens }), 'invalid-file', 'no score for each token');
  await thrown(() => load({ model: model('llama') }), 'invalid-file', 'tokenizer.ggml.tokens');
  const types = array('i32', [1, 1]);
  await thrown(
    () => load({ model: model('bert'), tokens, token_type: types }),
    'invalid-file',
    '2 entries for 1 tokens',
  );
  await thrown(() => load({ model: model('bert'), tokens }), 'invalid-file', 'lacks the token [UNK]');
  await thrown(() => load({ model: model('gpt2'), tokens, pre: model('qwen2') }), 'invalid-file', 'merges');
});

test('any lists are read or refused', async () => {
  const tokens = fc.array(
    fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('<unk>', '[UNK]', '\u2581a', '<0x41>')),
    {
      maxLength: 8,
    },
  );
  await holds(
    'GGUF tokenizers of any content',
    fc.record({
      model: fc.constantFrom('llama', 't5', 'bert', 'gpt2'),
      tokens,
      types: fc.array(fc.nat({ max: 7 }), { minLength: 8, maxLength: 8 }),
      scores: fc.array(fc.float(), { minLength: 8, maxLength: 8 }),
      charsmap: fc.uint8Array({ maxLength: 12 }),
      unknown: fc.nat({ max: 9 }),
    }),
    async ({ model, tokens, types, scores, charsmap, unknown }) => {
      try {
        const tokenizer = await load({
          ...{ model: typed('string', model), pre: typed('string', 'qwen2') },
          ...{ tokens: array('string', tokens), merges: array('string', tokens) },
          token_type: array('i32', types.slice(0, tokens.length)),
          scores: array('f32', scores.slice(0, tokens.length)),
          precompiled_charsmap: array('u8', [...charsmap]),
          unknown_token_id: typed('u32', unknown),
        });
        tokenizer.decode(tokenizer.encode('a <unk> b'));
      } catch (error) {
        assert.instance(error, Gpt2Error);
      }
    },
    80,
  );
});

test.run();
