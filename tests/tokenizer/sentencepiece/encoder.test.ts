import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  NORMAL,
  type SentencePieceDefinition,
  USER_DEFINED,
} from '../../../src/tokenizer/sentencepiece/definition.js';
import { SentencePieceEncoder } from '../../../src/tokenizer/sentencepiece/encoder.js';
import { holds } from '../../support/property.js';
import { encoded, expectedOf, MODELS, modelOf, plainModel, variants } from './models.js';

for (const name of MODELS) {
  test(`${name}: every text has the ids of SentencePiece`, () => {
    const encoder = new SentencePieceEncoder(name, modelOf(name));
    const { cases } = expectedOf(name);
    assert.ok(cases.length > 50);
    for (const { text, ids } of cases) assert.equal(encoded(encoder, text), ids, JSON.stringify(text));
  });
}

test('models with other settings, ties and unused pieces have the ids of SentencePiece', () => {
  const all = variants();
  assert.is(all.length, 20);
  for (const [i, { definition, cases }] of all.entries()) {
    const encoder = new SentencePieceEncoder(`variant ${i}`, definition);
    for (const { text, ids } of cases) {
      assert.equal(encoded(encoder, text), ids, `${i} ${JSON.stringify(text)}`);
    }
  }
});

/** Merges one pair after another, each found by looking at all. */
function literalBpe({ pieces, scores }: SentencePieceDefinition, text: string): number[] {
  const idOf = new Map(pieces.map((piece, id) => [piece, id] as const).slice(3));
  const symbols = [...text.replaceAll(' ', '\u2581')];
  for (;;) {
    let best = -1;
    for (let i = 0; i + 1 < symbols.length; i++) {
      const id = idOf.get(symbols[i]! + symbols[i + 1]!);
      if (id === undefined) continue;
      if (best === -1 || scores[id]! > scores[idOf.get(symbols[best]! + symbols[best + 1]!)!]!) best = i;
    }
    if (best === -1) break;
    symbols.splice(best, 2, symbols[best]! + symbols[best + 1]!);
  }
  return withOneUnknown(symbols.map((symbol) => idOf.get(symbol) ?? 0));
}

/** The score of the best path to each place, and its pieces, by looking at all pieces. */
function literalUnigram({ pieces, scores, types }: SentencePieceDefinition, text: string): number[] {
  const characters = [...text.replaceAll(' ', '\u2581')];
  const normal = [...pieces.keys()].slice(3).filter((id) => types[id] === NORMAL);
  const unknown = Math.fround(Math.min(...normal.map((id) => scores[id]!)) - 10);
  const highest = Math.max(1.1754943508222875e-38, ...normal.map((id) => scores[id]!));
  const best: { score: number; ids: number[] }[] = [{ score: 0, ids: [] }];
  for (let start = 0; start < characters.length; start++) {
    const here = best[start]!;
    const reach = (end: number, score: number, id: number) => {
      if (best[end] === undefined || score > best[end]!.score) {
        best[end] = { score: Math.fround(score), ids: [...here.ids, id] };
      }
    };
    let single = false;
    for (let end = start + 1; end <= characters.length; end++) {
      const piece = characters.slice(start, end).join('');
      const id = pieces.indexOf(piece);
      if (id < 3) continue;
      const bytes = new TextEncoder().encode(piece).length;
      const score = types[id] === USER_DEFINED ? Math.fround(bytes * highest) - 0.1 : scores[id]!;
      reach(end, score + here.score, id);
      single ||= end === start + 1;
    }
    if (!single) reach(start + 1, Math.fround(unknown + here.score), 0);
  }
  return withOneUnknown(best[characters.length]!.ids);
}

const withOneUnknown = (ids: number[]) => ids.filter((id, i) => id !== 0 || ids[i - 1] !== 0);

const units = fc.constantFrom('a', 'b', '\u2581', 'é', '漢', '😀');
const pieces = (types: number[]) =>
  fc.uniqueArray(
    fc.tuple(
      fc.array(units, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
      fc.integer({ min: -6, max: 0 }).map((score) => score / 4),
      fc.constantFrom(...types),
    ),
    { minLength: 1, maxLength: 25, selector: ([piece]) => piece },
  );
const texts = fc
  .array(fc.constantFrom('a', 'b', ' ', 'é', '漢', '😀', 'x'), { maxLength: 30 })
  .map((parts) => parts.join(''));

test('BPE merges as the literal method does, whatever the scores', async () => {
  await holds(
    'SentencePiece BPE',
    fc.tuple(pieces([NORMAL]), texts),
    async ([list, text]) => {
      const model = plainModel('bpe', list);
      assert.equal(encoded(new SentencePieceEncoder('model', model), text), literalBpe(model, text));
    },
    300,
  );
});

test('the unigram path is that of the literal method, whatever the scores', async () => {
  await holds(
    'SentencePiece unigram',
    fc.tuple(pieces([NORMAL, NORMAL, NORMAL]), texts),
    async ([list, text]) => {
      const model = plainModel('unigram', list);
      assert.equal(encoded(new SentencePieceEncoder('model', model), text), literalUnigram(model, text));
    },
    300,
  );
});

test('user-defined symbols are found first', () => {
  const list = [...'abcd', 'ab'].map((piece) => [piece, -1, NORMAL] as const);
  for (const modelType of ['bpe', 'unigram', 'char'] as const) {
    const model = plainModel(modelType, [...list, ['bcd', 0, USER_DEFINED]]);
    assert.equal(encoded(new SentencePieceEncoder('model', model), 'abcd'), [3, 8]);
  }
});

test('a long text takes time in proportion', () => {
  const encoder = new SentencePieceEncoder('sp-bpe', modelOf('sp-bpe'));
  const ids = encoded(encoder, 'aaaa bbb hello '.repeat(20_000));
  assert.ok(ids.length > 20_000);
});

test('models that contradict themselves are refused', () => {
  const good = plainModel('bpe', [['a', -1, NORMAL]]);
  const refused: [Partial<SentencePieceDefinition>, RegExp][] = [
    [{ types: Uint8Array.of(1, 3, 3, 1) }, /no piece is the unknown one/],
    [{ types: Uint8Array.of(2, 2, 3, 1) }, /several pieces are the unknown one/],
    [{ types: Uint8Array.of(2, 3, 3, 9) }, /piece 3 has the unknown type 9/],
    [{ pieces: ['<unk>', '<s>', '</s>', ''] }, /piece 3 is empty/],
    [{ pieces: ['<unk>', '<s>', '</s>', 'a\0'] }, /zero character/],
    [{ pieces: ['<unk>', '<s>', '</s>', 'a'.repeat(8000)] }, /has 8000 bytes/],
    [{ scores: Float32Array.of(0, 0, 0, Number.NaN) }, /score of piece 3 is NaN/],
    [{ byteFallback: true }, /a byte has no piece/],
    [{ types: Uint8Array.of(2, 3, 6, 1), byteFallback: true }, /piece 2 stands for no byte/],
    [{ charsmap: Uint8Array.of(1, 2, 3) }, /precompiled_charsmap is cut off/],
    [{ charsmap: Uint8Array.of(9, 0, 0, 0, 1, 2, 3) }, /precompiled_charsmap is cut off/],
    [{ charsmap: new Uint8Array(400).fill(65).fill(0, 0, 4) }, /result of 396 bytes/],
  ];
  for (const [change, message] of refused) {
    assert.throws(() => new SentencePieceEncoder('file', { ...good, ...change }), message);
  }
  const twice = plainModel('bpe', [
    ['a', -1, NORMAL],
    ['a', -2, NORMAL],
  ]);
  assert.throws(() => new SentencePieceEncoder('file', twice), /two pieces are "a"/);
});

test.run();
