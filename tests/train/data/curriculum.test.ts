import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type BatchShape, TrainingBatches, validationBatches } from '../../../src/train/data/batches.js';
import { STAGES } from '../../../src/train/data/curriculum.js';
import { holds } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { thrown } from '../../support/thrown.js';
import { documentsOf, END, randomPlain } from './plain_documents.js';

const inputs = fc.record({
  seed: fc.nat(),
  count: fc.integer({ min: 1, max: 60 }),
  longest: fc.constantFrom(1, 5, 40),
  length: fc.integer({ min: 1, max: 16 }),
  layout: fc.constantFrom<BatchShape['layout']>('packed', 'documents'),
});

/** The rows of the next epochs, as texts of their tokens and targets. */
function epochsOf(batches: TrainingBatches, epochs: number): string[][] {
  return Array.from({ length: epochs }, () =>
    Array.from({ length: batches.rowsPerEpoch }, () => {
      const { tokens, targets } = batches.next();
      return `${tokens} ${targets}`;
    }),
  );
}

test('the first epoch has its documents from short to long, in tenths, and later epochs are as without', async () => {
  await holds(
    'curriculum',
    inputs,
    async ({ seed, count, longest, length, layout }) => {
      const plain = randomPlain(randomSource(seed), count, longest);
      const documents = documentsOf(plain);
      const shape = { layout, rows: 1, length, endOfText: END };
      const batches = new TrainingBatches(documents, { ...shape, curriculum: 'length' }, seed);
      const lengths = new Map(
        plain.flatMap(({ prompt, text }) =>
          [...prompt, ...text].map((token): [number, number] => [token, prompt.length + text.length]),
        ),
      );
      const rows = batches.rowsPerEpoch;
      let [stage, longestBefore, longestNow] = [0, 0, 0];
      const targets: number[] = [];
      for (let row = 0; row < rows; row++) {
        const learned = [...batches.next().targets].filter((target) => target > END);
        targets.push(...learned);
        // The row is one of this stage's.
        const now = Math.floor((row * STAGES) / rows);
        if (now > stage) [stage, longestBefore] = [now, longestNow];
        for (const target of learned) {
          const own = lengths.get(target)!;
          assert.ok(own >= longestBefore, `${own} tokens after ${longestBefore}`);
          longestNow = Math.max(longestNow, own);
        }
      }
      assert.equal(
        targets.sort((a, b) => a - b),
        plain.flatMap(({ text }) => text),
      );
      const plainBatches = new TrainingBatches(documents, shape, seed);
      epochsOf(plainBatches, 1);
      assert.equal(epochsOf(batches, 2), epochsOf(plainBatches, 2));
    },
    100,
  );
});

test('equally long documents and the rows of a stage are in an order of the seed', () => {
  const plain = Array.from({ length: 100 }, (_, i) => ({ prompt: [], text: [i + 1, i + 1] }));
  const shape: BatchShape = { layout: 'documents', rows: 1, length: 4, endOfText: END, curriculum: 'length' };
  const orders = [1, 1, 2].map(
    (seed) => epochsOf(new TrainingBatches(documentsOf(plain), shape, seed), 1)[0]!,
  );
  assert.equal(orders[0], orders[1]);
  assert.not.equal(orders[0], orders[2]);
  const [long, short] = [200, 3].map((length) => ({
    prompt: [],
    text: Array.from({ length }, (_, i) => 1000 * length + i),
  }));
  const rows = epochsOf(new TrainingBatches(documentsOf([long!, short!]), shape, 4), 1)[0]!;
  assert.is(rows.length, 52);
  assert.ok(rows.findIndex((row) => /\b3000\b/.test(row)) < 6);
  assert.not.equal(rows.slice(), rows.slice().sort());
});

test('the same batches follow from any position of an epoch with a curriculum', async () => {
  await holds(
    'positions',
    fc.record({ inputs, rows: fc.integer({ min: 1, max: 5 }), steps: fc.nat({ max: 30 }) }),
    async ({ inputs: { seed, count, longest, length, layout }, rows, steps }) => {
      const documents = documentsOf(randomPlain(randomSource(seed), count, longest));
      const shape: BatchShape = { layout, rows, length, endOfText: END, curriculum: 'length' };
      const whole = new TrainingBatches(documents, shape, seed);
      for (let step = 0; step < steps; step++) whole.next();
      const resumed = new TrainingBatches(documents, shape, seed, whole.position);
      for (let step = 0; step < 10; step++) {
        assert.equal(resumed.position, whole.position);
        assert.equal(resumed.next(), whole.next());
      }
    },
    60,
  );
});

test('held-out rows keep the order of the data, and another curriculum is refused', async () => {
  const documents = documentsOf([
    { prompt: [], text: [1, 2, 3] },
    { prompt: [], text: [4] },
  ]);
  const shape = { layout: 'documents', rows: 2, length: 4, endOfText: END, curriculum: 'length' } as const;
  const [batch] = [...validationBatches(documents, shape)];
  assert.equal([...batch!.tokens], [END, 1, 2, 3, END, 4, END, END]);
  const wrong = { ...shape, curriculum: 'loss' } as never;
  await thrown(() => new TrainingBatches(documents, wrong, 1), 'invalid-option', 'curriculum is "loss"');
});

test.run();
