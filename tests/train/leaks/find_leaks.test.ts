import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findLeaks } from '../../../src/train/leaks/find_leaks.js';
import { holds } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { thrown } from '../../support/thrown.js';
import { documentsOf, type Plain } from '../data/plain_documents.js';

const GRAM = 13;

/** The sequences of 13 tokens that end in the completion. */
function gramsOf({ prompt, text }: Plain): string[] {
  const all = [...prompt, ...text];
  const first = Math.max(0, prompt.length + 1 - GRAM);
  const count = Math.max(0, all.length - GRAM + 1 - first);
  return Array.from({ length: count }, (_, i) => all.slice(first + i, first + i + GRAM).join());
}

const isSame = (a: Plain, b: Plain) => JSON.stringify(a) === JSON.stringify(b);

/** Index of a held-out document, that of its source, and the share, from the definition; the highest shares first. */
function literalLeaks(training: readonly Plain[], held: readonly Plain[]): [number, number, number][] {
  const leaks = held.flatMap((document, i): [number, number, number][] => {
    if (document.prompt.length + document.text.length < GRAM) {
      const source = training.findIndex((other) => isSame(other, document));
      return source === -1 || document.text.length === 0 ? [] : [[i, source, 1]];
    }
    const grams = gramsOf(document);
    const sources = grams.map((gram) => training.findIndex((other) => gramsOf(other).includes(gram)));
    const found = sources.filter((source) => source !== -1);
    if (found.length === 0 || found.length / grams.length < 0.5) return [];
    let [most, best] = [0, -1];
    found.forEach((source, k) => {
      const count = found.slice(0, k + 1).filter((other) => other === source).length;
      if (count > most) [most, best] = [count, source];
    });
    return [[i, best, found.length / grams.length]];
  });
  return leaks.sort((a, b) => b[2] - a[2] || a[0] - b[0]);
}

/** Documents that quote those before them. */
function quoting(seed: number): Plain[] {
  const random = randomSource(seed);
  const fresh = (most: number) => Array.from({ length: random.below(most + 1) }, () => random.below(40));
  const all: Plain[] = [];
  for (let count = 2 + random.below(14); count > 0; count--) {
    const { prompt, text } = random.pick([...all, { prompt: [], text: [] }]);
    const from = random.below(text.length + 1);
    const quoted = text.slice(from, from + random.below(60));
    const before = random.pick([[], fresh(3), fresh(20)]);
    all.push(
      random.pick([
        { prompt: before, text: [...quoted, ...fresh(30)] },
        { prompt, text: quoted },
      ]),
    );
  }
  return all;
}

test('held-out documents that training documents contain are found, by a literal definition', async () => {
  let leaked = 0;
  await holds(
    'leaks',
    fc.record({ seed: fc.nat(), first: fc.boolean() }),
    async ({ seed, first }) => {
      const all = quoting(seed);
      const held = all.filter((_, i) => i % 3 === (first ? 0 : 1));
      const training = all.filter((document) => !held.includes(document));
      const { checked, examples, ...found } = await findLeaks(documentsOf(training), documentsOf(held));
      const expected = literalLeaks(training, held);
      assert.equal(
        examples.map(({ document, source, share }) => [document.line - 1, source.line - 1, share]),
        expected,
      );
      assert.equal([checked, found.leaked], [held.length, expected.length]);
      leaked += found.leaked;
    },
    300,
    Array.from({ length: 8 }, (_, seed) => ({ seed, first: true })),
  );
  assert.ok(leaked > 0);
});

test('a quotation, a common prompt and a short answer are no leaks, a copy and a short copy are', async () => {
  const tokens = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
  const training = [
    { prompt: [], text: tokens(0, 100) },
    { prompt: tokens(200, 50), text: [1, 2, 3] },
    { prompt: [], text: [7, 8] },
  ];
  const held = [
    { prompt: [], text: [...tokens(500, 60), ...tokens(10, 50)] },
    { prompt: tokens(200, 50), text: [4, 5, 6] },
    { prompt: [7], text: [8] },
    { prompt: [], text: [7, 8] },
    { prompt: tokens(200, 50), text: [1, 2, 3] },
    { prompt: [], text: tokens(30, 60) },
  ];
  const { leaked, examples } = await findLeaks(documentsOf(training), documentsOf(held));
  assert.is(leaked, 3);
  assert.equal(
    examples.map(({ document, source, share }) => [document.line, source.line, share]),
    [
      [4, 3, 1],
      [5, 2, 1],
      [6, 1, 1],
    ],
  );
});

test('of more than 2^22 held-out tokens the first ones are compared', async () => {
  const text = Array.from({ length: 20 }, (_, i) => i + 1);
  const zeros = new Array<number>(2 ** 22).fill(0);
  const held = [text, zeros, text].map((tokens) => ({ prompt: [], text: tokens }));
  const { checked, leaked } = await findLeaks(documentsOf(held.slice(0, 1)), documentsOf(held));
  assert.equal([checked, leaked], [2, 1]);
});

test('the 100 worst leaks are listed, and an abort is noticed', async () => {
  const held = Array.from({ length: 150 }, (_, i) => ({ prompt: [], text: [i] }));
  const { leaked, examples } = await findLeaks(documentsOf(held), documentsOf(held));
  assert.equal([leaked, examples.length, examples[99]!.document.line], [150, 100, 100]);
  const long = documentsOf([{ prompt: [], text: new Array(2 ** 21).fill(1) }]);
  const aborted = findLeaks(long, documentsOf(held), AbortSignal.abort());
  await thrown(() => aborted, 'aborted', 'held-out');
  await thrown(() => findLeaks(long, undefined as never), 'invalid-option', 'documents');
});

test.run();
