import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SentencePieceDecoder } from '../../../src/tokenizer/sentencepiece/decoder.js';
import { decodedParts, expectedOf, MODELS, modelOf, variants } from './models.js';

test('ids have the text that SentencePiece decodes', () => {
  for (const name of MODELS) {
    const definition = modelOf(name);
    for (const { ids, decoded } of expectedOf(name).cases) {
      assert.is(decodedParts(definition, ids).join(''), decoded, name);
    }
  }
});

test('any ids have the text that SentencePiece decodes', () => {
  for (const [i, { definition, cases }] of variants().entries()) {
    for (const { ids, decoded, random, randomDecoded } of cases) {
      assert.is(decodedParts(definition, ids).join(''), decoded, `${i}`);
      assert.is(decodedParts(definition, random).join(''), randomDecoded, `${i} ${random}`);
    }
  }
});

test('bytes become text as soon as their characters are complete, and never half a character', () => {
  const definition = modelOf('sp-bpe');
  const idOf = (byte: number) =>
    definition.pieces.indexOf(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
  const bytes = (text: string) => [...new TextEncoder().encode(text)].map(idOf);
  assert.equal(decodedParts(definition, bytes('é漢😀')), ['', 'é', '', '', '漢', '', '', '', '😀', '']);
  assert.equal(decodedParts(definition, bytes('漢').slice(0, 2)), ['', '', '\ufffd\ufffd']);
  assert.equal(decodedParts(definition, [0xe6, 0x41].map(idOf)), ['', '\ufffdA', '']);
  assert.equal(decodedParts(definition, [0xff, 0xed, 0xa0].map(idOf)), ['\ufffd', '', '\ufffd\ufffd', '']);
});

test('control pieces are shown on request, and do not count as text', () => {
  const definition = modelOf('sp-unigram');
  const a = definition.pieces.indexOf('\u2581a');
  const end = definition.pieces.indexOf('</s>');
  assert.equal(decodedParts(definition, [end, a, a, end]), ['', 'a', ' a', '', '']);
  assert.equal(decodedParts(definition, [end, a, a, end], true), ['</s>', 'a', ' a', '</s>', '']);
});

test('the first space of a text that continues another is kept', () => {
  const definition = modelOf('sp-unigram');
  const decoder = new SentencePieceDecoder(definition, false, true);
  assert.is(decoder.push(definition.pieces.indexOf('\u2581a')), ' a');
});

test.run();
