import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../src/base/errors.js';
import { SentencePieceEncoder } from '../../../src/tokenizer/sentencepiece/encoder.js';
import { sentencePieceJson, sentencePieceOf } from '../../../src/tokenizer/sentencepiece/json.js';
import { readModelFile } from '../../../src/tokenizer/sentencepiece/model_file.js';
import { sentencePieceStages } from '../../../src/tokenizer/sentencepiece/stages.js';
import { holds } from '../../support/property.js';
import { encoded, MODELS, modelBytes, modelOf, variants } from './models.js';

test('a model file has its pieces, scores, types and settings', () => {
  const model = modelOf('sp-bpe-suffix');
  assert.is(model.modelType, 'bpe');
  assert.equal(model.pieces.slice(0, 5), ['<unk>', '<s>', '</s>', '<tool>', 'hello']);
  assert.equal([...model.types.slice(0, 6)], [2, 3, 3, 4, 4, 1]);
  assert.is(model.treatWhitespaceAsSuffix, true);
  assert.is(model.addDummyPrefix, false);
  assert.ok(model.charsmap.length > 100_000);
});

test('the JSON of a model gives the same model again', () => {
  const models = [...MODELS.map(modelOf), ...variants().map(({ definition }) => definition)];
  for (const definition of models) {
    for (const before of [[], [{ type: 'Lowercase' }]]) {
      const json = JSON.parse(JSON.stringify(sentencePieceJson({ definition, before }, null)));
      assert.equal(sentencePieceOf('file', json), { definition, before });
    }
  }
});

test('a file that is cut off or changed is read or refused, without harm', async () => {
  const whole = modelBytes('sp-bpe');
  await holds(
    'damaged SentencePiece models',
    fc.record({
      end: fc.nat({ max: whole.length }),
      changes: fc.array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 })), { maxLength: 4 }),
    }),
    async ({ end, changes }) => {
      const bytes = whole.slice(0, end);
      for (const [at, byte] of changes) if (at < end) bytes[at] = byte;
      try {
        encoded(new SentencePieceEncoder('file', readModelFile('file', bytes)), 'Hello wörld 12');
      } catch (error) {
        assert.instance(error, Gpt2Error);
      }
    },
    60,
    [{ end: whole.length, changes: [] }],
  );
});

test('rules that are damaged change texts or are refused, without harm', async () => {
  const { charsmap, ...rest } = modelOf('sp-unigram');
  await holds(
    'damaged SentencePiece rules',
    fc.tuple(
      fc.array(fc.tuple(fc.nat({ max: charsmap.length - 1 }), fc.nat({ max: 255 })), { maxLength: 6 }),
      fc.string({ unit: 'grapheme' }),
    ),
    async ([changes, text]) => {
      const changed = charsmap.slice();
      for (const [at, byte] of changes) changed[at] = byte;
      try {
        encoded(new SentencePieceEncoder('file', { ...rest, charsmap: changed }), `ﬁ①${text}`);
      } catch (error) {
        assert.instance(error, Gpt2Error);
      }
    },
    20,
  );
});

test('a tokenizer.json with anything in model.sentencepiece is read or refused', async () => {
  const { definition } = variants()[0]!;
  const small = { ...definition, pieces: definition.pieces.slice(0, 300) };
  const model = { ...small, scores: small.scores.slice(0, 300), types: small.types.slice(0, 300) };
  const whole = JSON.stringify(
    sentencePieceJson({ definition: { ...model, byteFallback: false }, before: [] }, null),
  );
  const keys = Object.keys(JSON.parse(whole).model.sentencepiece);
  await holds(
    'damaged model.sentencepiece',
    fc.tuple(fc.constantFrom(...keys, 'vocab', 'normalizer'), fc.jsonValue({ maxDepth: 2 })),
    async ([key, value]) => {
      const json = JSON.parse(whole);
      if (key === 'vocab') json.model.vocab = value;
      else if (key === 'normalizer') json.normalizer = { type: 'Precompiled', precompiled_charsmap: value };
      else json.model.sentencepiece[key] = value;
      try {
        const { model } = sentencePieceStages('file', json);
        model.encode('Hello wörld', { push() {} });
      } catch (error) {
        assert.instance(error, Gpt2Error);
      }
    },
    100,
  );
});

test('no protobuf, and fields without an end, are refused', () => {
  const wrong: [number[], RegExp][] = [
    [[0x0a, 0x05, 1], /field 1 of type 2/],
    [[0x0a], /does not end/],
    [[0x0a, 0x02, 0x10, 0x01], /piece 0: its score is no float/],
    [[0x0a, 0x03, 0x0a, 0x01, 0xff], /piece 0 is not UTF-8/],
    [[0x12, 0x02, 0x18, 0x09], /model_type is 9/],
    [[0x2a, 0x03, 0x12, 0x01, 0x01], /denormalizer_spec/],
  ];
  for (const [bytes, message] of wrong) {
    assert.throws(() => readModelFile('file', Uint8Array.from(bytes)), message);
  }
});

test.run();
