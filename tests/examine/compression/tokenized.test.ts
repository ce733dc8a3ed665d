import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tokenized } from '../../../src/examine/compression/tokenized.js';
import { utf8End } from '../../../src/examine/compression/utf8_prefix.js';
import { loadTokenizer, type Tokenizer } from '../../../src/index.js';
import { givenTokenizer } from '../../../src/tokenizer/own_tokenizer.js';
import { holds } from '../../support/property.js';
import { storiesTiny } from '../../support/stories_tiny.js';

const fixture = (name: string) => new URL(`../../fixtures/tokenizers/${name}/`, import.meta.url);
/** Knows some characters, and leaves out the others. */
const lossy = givenTokenizer(
  {
    encode: (words: string) =>
      Array.from(words, (character) => ' abcdefgé'.indexOf(character)).filter((id) => id >= 0),
    decode: (ids: number[]) => ids.map((id) => ' abcdefgé'[id]).join(''),
  },
  9,
);
const TOKENIZERS: Readonly<Record<string, Tokenizer>> = {
  stories: await loadTokenizer(storiesTiny),
  prefix: await loadTokenizer(fixture('byte-bpe-prefix')),
  template: await loadTokenizer(fixture('template')),
  lossy,
};

const text = fc.string({ unit: 'binary', maxLength: 60 }).map((string) => Buffer.from(string));
const piece = fc.oneof(
  text,
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom(
      'Once upon a time there was a cat. ',
      '<|endoftext|>',
      '\0\0',
      '\ufeffa',
      ' abc abé fade bad cab ',
      '<unk>',
    )
    .map((words) => Buffer.from(words)),
);
const anyBytes = fc.array(piece, { maxLength: 12 }).map((pieces) => new Uint8Array(Buffer.concat(pieces)));

async function split(bytes: Uint8Array, tokenizer: Tokenizer, vocabSize = tokenizer.vocabSize) {
  const { ids, literals, tail } = await tokenized(bytes, tokenizer, vocabSize, () => {});
  const parts = ids.flatMap((id, i) => [...(literals.get(i) ?? []), tokenizer.tokenBytes(id)]);
  return {
    ids,
    literals: [...literals.values()].flat(),
    tail,
    said: new Uint8Array(Buffer.concat([...parts, tail])),
  };
}

for (const [name, tokenizer] of Object.entries(TOKENIZERS)) {
  test(`any bytes come back from their tokens and literals: ${name}`, async () => {
    await holds(
      `bytes, ${name}`,
      anyBytes,
      async (bytes) => {
        const { ids, literals, said } = await split(bytes, tokenizer);
        assert.equal(said, bytes);
        for (const literal of literals) assert.ok(literal.length >= 1 && literal.length <= 256);
        for (const id of ids) assert.ok(tokenizer.tokenBytes(id).length > 0);
      },
      200,
    );
  });
}

test('text has the tokens that the tokenizer gives it, and no literals', async () => {
  const story = 'Once upon a time, <|endoftext|> there was\0a "cat".\r\n\u00e9\u4e2d';
  const { ids, tail } = await split(Buffer.from(story), TOKENIZERS.stories!);
  assert.equal(ids, TOKENIZERS.stories!.encode(story));
  assert.is(tail.length, 0);
});

test('a tokenizer that adds a space loses the first word to a literal, and nothing else', async () => {
  const tokenizer = TOKENIZERS.prefix!;
  const words = 'there was a cat and there was a dog';
  const { ids, literals } = await split(Buffer.from(words), tokenizer);
  assert.ok(ids.length > 5);
  assert.ok(literals.reduce((sum, { length }) => sum + length, 0) <= 5);
});

test('text after many chunks, bytes that are no text and ids that the model lacks come back', async () => {
  const tokenizer = TOKENIZERS.stories!;
  const story = Buffer.from('Once upon a time there was a \u00e9 cat.\n'.repeat(6000));
  const long = Buffer.concat([story, Buffer.alloc(70_000, 0xff), story, Buffer.alloc(66_000, 0xe4), story]);
  const { literals, said } = await split(long, tokenizer);
  assert.equal(said, new Uint8Array(long));
  assert.is(
    literals.reduce((sum, { length }) => sum + length, 0),
    136_000,
  );
  assert.equal(
    (await split(story.subarray(0, 500), tokenizer, 300)).said,
    new Uint8Array(story.subarray(0, 500)),
  );
});

test('whole characters are found as TextDecoder finds them', async () => {
  const edges = [
    0, 0x7f, 0x80, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0x9f, 0xa0, 0xed, 0xef, 0xf0, 0x8f, 0x90, 0xf4, 0xf5,
  ];
  const byte = fc.oneof(fc.constantFrom(...edges), fc.nat(255));
  await holds(
    'UTF-8',
    fc.array(byte, { maxLength: 12 }),
    async (list) => {
      const bytes = Uint8Array.from(list);
      const isText = (end: number) => {
        try {
          new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end));
          return true;
        } catch {
          return false;
        }
      };
      const end = utf8End(bytes, 0, bytes.length);
      const longest = Array.from({ length: bytes.length + 1 }, (_, i) => bytes.length - i).find(isText);
      assert.is(end, longest);
    },
    500,
  );
});

test.run();
