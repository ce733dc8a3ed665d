import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Gpt2ErrorCode } from '../../../src/base/errors.js';
import { readGgufHeader } from '../../../src/checkpoints/gguf/header.js';
import { byteLevelParts } from '../../../src/checkpoints/gguf/tokenizer.js';
import { loadTokenizer } from '../../../src/index.js';
import { Tokenizer } from '../../../src/tokenizer/tokenizer.js';
import { randomSource } from '../../support/random.js';
import { folderFixture } from '../../support/sources.js';
import { thrown } from '../../support/thrown.js';
import { assertGrowth, leastWork } from '../../support/work.js';
import { randomText, readFixture, SMALL_MERGES, smallVocab } from '../../tokenizer/helpers.js';
import { ggufSource } from './models.js';
import { array, typed, writeGguf } from './writer.js';

type Metadata = Record<string, Uint8Array>;

/** Loads a file that has only a tokenizer; keys are those under tokenizer.ggml, and undefined omits one. */
const load = (metadata: Record<string, Uint8Array | undefined>) => {
  const pairs = Object.entries(metadata).filter(
    (pair): pair is [string, Uint8Array] => pair[1] !== undefined,
  );
  const named = pairs.map(([key, value]) => [`tokenizer.ggml.${key}`, value] as const);
  return loadTokenizer(ggufSource(writeGguf({ metadata: named, tensors: [] })));
};

/**
 * The metadata that llama.cpp's converter makes of vocab.json and merges.txt; the end of text is a control
 * token.
 */
function converted(vocab: string, merges: string, endOfText: string): Metadata {
  const ids: Record<string, number> = JSON.parse(vocab);
  const tokens: string[] = [];
  for (const [text, id] of Object.entries(ids)) tokens[id] = text;
  const lines = merges.trimEnd().split('\n');
  const end = typed('u32', ids[endOfText]!);
  return {
    model: typed('string', 'gpt2'),
    pre: typed('string', 'gpt-2'),
    tokens: array('string', tokens),
    token_type: array(
      'i32',
      tokens.map((text) => (text === endOfText ? 3 : 1)),
    ),
    merges: array('string', lines[0]!.startsWith('#version') ? lines.slice(1) : lines),
    bos_token_id: end,
    eos_token_id: end,
    unknown_token_id: end,
  };
}

const SMALL = converted(JSON.stringify(smallVocab()), SMALL_MERGES.join('\n'), '<|endoftext|>');

test("GPT-2's vocabulary gives the reference ids", async () => {
  const gpt2 = await load(converted(readFixture('vocab.json'), readFixture('merges.txt'), '<|endoftext|>'));
  const vectors: { text: string; ids: number[] }[] = JSON.parse(readFixture('vectors.json'));
  for (const { text, ids } of vectors) {
    assert.equal(gpt2.encode(text), ids, JSON.stringify(text));
    assert.is(gpt2.decode(ids), text);
  }
  assert.is(gpt2.vocabSize, 50257);
  assert.equal([...gpt2.specialTokens], [['<|endoftext|>', 50256]]);
  assert.is(gpt2.eosTokenId, 50256);
  assert.is(gpt2.bosTokenId, 50256);
  assert.equal(gpt2.encode('a<|endoftext|>', { allowedSpecial: 'all' }), [64, 50256]);
});

test('the vocabulary of stories-tiny gives the ids of its own files', async () => {
  const folder = new URL('../../fixtures/stories-tiny/', import.meta.url);
  const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
  const own = await loadTokenizer(folderFixture('fixtures/stories-tiny'));
  const [end] = [...own.specialTokens.keys()];
  const same = await load(converted(read('vocab.json'), read('merges.txt'), end!));
  const random = randomSource(5);
  const texts = Array.from({ length: 200 }, () => randomText(random, 60));
  for (const text of ['Once upon a time, there was a little girl.', ...texts]) {
    assert.equal(same.encode(text), own.encode(text), JSON.stringify(text));
  }
  assert.equal([...same.specialTokens], [...own.specialTokens]);
  assert.is(same.eosTokenId, own.eosTokenId);
  assert.is(same.vocabSize, own.vocabSize);
});

test('control tokens need permission, user-defined ones do not; both are plain text', async () => {
  const tokens = [...Object.keys(smallVocab()), 'café  x', '→'];
  const types = tokens.map((text) =>
    text === '→' || text.startsWith('<|') ? 3 : text === 'café  x' ? 4 : 1,
  );
  const tokenizer = await load({
    ...SMALL,
    tokens: array('string', tokens),
    token_type: array('i32', types),
  });
  assert.equal(tokenizer.encode('acafé  xb'), [97, 260, 98]);
  assert.is(tokenizer.decode([97, 260, 261]), 'acafé  x→');
  assert.equal(tokenizer.encode('→'), [...new TextEncoder().encode('→')]);
  assert.equal(tokenizer.encode('→', { allowedSpecial: 'all' }), [261]);
});

test('a user-defined token is its text, also if byte-level tokens spell other bytes by it', async () => {
  const tokens = [...Object.keys(smallVocab()), 'Ġb'];
  const types = tokens.map((_, id) => (id === 260 ? 4 : id === 259 ? 3 : 1));
  const tokenizer = await load({
    ...SMALL,
    tokens: array('string', tokens),
    token_type: array('i32', types),
  });
  assert.equal(tokenizer.encode('aĠb b'), [97, 260, 42, 98]);
  assert.is(tokenizer.decode([97, 260, 42]), 'aĠb ');
});

test('without pre, token types and ids of special tokens', async () => {
  const tokenizer = await load({
    ...SMALL,
    ...{ pre: undefined, token_type: undefined },
    ...{ bos_token_id: undefined, eos_token_id: undefined, unknown_token_id: undefined },
  });
  assert.equal(tokenizer.encode('abc ab a'), [257, 32, 256, 258]);
  assert.is(tokenizer.eosTokenId, undefined);
  assert.is(tokenizer.bosTokenId, undefined);
});

test('bos and eos of their own', async () => {
  const tokenizer = await load({
    ...SMALL,
    bos_token_id: typed('u32', 257),
    eos_token_id: typed('u32', 256),
  });
  assert.is(tokenizer.bosTokenId, 257);
  assert.is(tokenizer.eosTokenId, 256);
});

test('add_space_prefix puts a space before a text', async () => {
  const tokenizer = await load({ ...SMALL, add_space_prefix: typed('bool', true) });
  assert.equal(tokenizer.encode('a'), [258]);
});

const smallTokens = Object.keys(smallVocab());

test('the time for control tokens grows with their number', async () => {
  const work = async (count: number) => {
    const controls = Array.from({ length: count }, (_, i) => `<|control ${i}|>`);
    const metadata: Metadata = {
      ...SMALL,
      tokens: array('string', [...smallTokens, ...controls]),
      token_type: array('i32', [...smallTokens.map(() => 1), ...controls.map(() => 3)]),
    };
    const named = Object.entries(metadata).map(([key, value]) => [`tokenizer.ggml.${key}`, value] as const);
    const file = writeGguf({ metadata: named, tensors: [] });
    const header = await readGgufHeader(ggufSource(file), { path: 'model.gguf', byteLength: file.length });
    return leastWork(() => {
      const tokenizer = new Tokenizer({ ...byteLevelParts(header), notes: [] });
      for (const control of controls) tokenizer.tokenToId(control);
      assert.equal(tokenizer.encode(controls.at(-1)!, { allowedSpecial: 'all' }), [260 + count - 1]);
    });
  };
  await assertGrowth(
    () => work(40_000),
    () => work(5_000),
    24,
    'eight times the tokens',
  );
});

const REFUSED: readonly [
  changes: Record<string, Uint8Array | undefined>,
  code: Gpt2ErrorCode,
  message: RegExp,
][] = [
  [{ model: undefined }, 'not-found', /no tokenizer: .* lacks tokenizer\.ggml\.model/],
  [{ model: typed('string', 'rwkv') }, 'unsupported', /tokenizer\.ggml\.model is "rwkv"/],
  [{ model: typed('u32', 1) }, 'invalid-file', /tokenizer\.ggml\.model is of type u32; it must be a string/],
  [{ pre: typed('string', 'new-kind') }, 'unsupported', /tokenizer\.ggml\.pre is "new-kind"/],
  [{ tokens: undefined }, 'invalid-file', /no tokenizer\.ggml\.tokens/],
  [{ merges: undefined }, 'invalid-file', /no tokenizer\.ggml\.merges/],
  [
    { tokens: array('u32', [1, 2]) },
    'invalid-file',
    /tokens is of type array of u32; it must be an array of strings/,
  ],
  [{ tokens: typed('string', 'a') }, 'invalid-file', /tokens is of type string/],
  [{ tokens: array('string', []) }, 'invalid-file', /token/],
  [
    { token_type: array('f32', [1]) },
    'invalid-file',
    /token_type is of type array of f32; it must be an array of integers/,
  ],
  [{ token_type: array('i32', [1, 1]) }, 'invalid-file', /token_type has 2 entries for 260 tokens/],
  [
    { tokens: array('string', smallTokens.with(257, 'ab')) },
    'invalid-file',
    /tokens 256 and 257 are both "ab"/,
  ],
  [{ tokens: array('string', smallTokens.with(259, 'ab')) }, 'invalid-file', /"ab" has id 259, but id 256/],
  [{ merges: array('string', ['a b', 'a zz']) }, 'invalid-file', /merges\[1\]: the merge "a zz"/],
  [{ merges: array('string', ['ab']) }, 'invalid-file', /is not two tokens/],
  [{ eos_token_id: typed('u32', 260) }, 'invalid-file', /eos_token_id is 260, but there are 260 tokens/],
  [{ bos_token_id: typed('i32', -1) }, 'invalid-file', /bos_token_id is -1/],
  [
    { eos_token_id: typed('string', 'a') },
    'invalid-file',
    /eos_token_id is of type string; it must be an integer/,
  ],
  [
    { add_space_prefix: typed('u32', 1) },
    'invalid-file',
    /add_space_prefix is of type u32; it must be a bool/,
  ],
];

for (const [changes, code, message] of REFUSED) {
  test(`refused: ${message}`, async () => {
    await thrown(() => load({ ...SMALL, ...changes }), code, message, /model\.gguf of memory/);
  });
}

test.run();
