import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type BatchShape, TrainingBatches } from '../../../src/train/data/batches.js';
import { countRows } from '../../../src/train/report/row_counts.js';
import { Trainer } from '../../../src/train/trainer.js';
import type { TrainingText } from '../../../src/train/training_data.js';
import { holds } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { documentsOf, END, randomPlain } from '../data/plain_documents.js';
import { OPTIONS, run, STORIES } from '../tiny.js';

test('the rows that a report counts are those of an epoch', async () => {
  await holds(
    'rows',
    fc.record({
      seed: fc.nat(),
      count: fc.integer({ min: 1, max: 20 }),
      longest: fc.constantFrom(1, 6, 30),
      length: fc.integer({ min: 1, max: 16 }),
      layout: fc.constantFrom<BatchShape['layout']>('packed', 'documents'),
    }),
    async ({ seed, count, longest, length, layout }) => {
      const plain = randomPlain(randomSource(seed), count, longest);
      const documents = documentsOf(plain);
      const rows = countRows(documents, layout, length);
      const shape = { layout, rows: 1, length, endOfText: END };
      const batches = new TrainingBatches(documents, shape, seed);
      let [targets, ids] = [0, 0];
      const seen = new Set<number>();
      for (let row = 0; row < batches.rowsPerEpoch; row++) {
        const batch = batches.next();
        targets += batch.targets.filter((target) => target >= 0).length;
        ids += batch.tokens.length;
        for (const token of batch.tokens) if (token !== END) seen.add(token);
        for (const target of batch.targets) if (target > END) seen.add(target);
      }
      assert.equal([rows.count, rows.length, rows.learned], [batches.rowsPerEpoch, length, targets]);
      const tokens = plain.reduce((sum, { prompt, text }) => sum + prompt.length + text.length, 0);
      assert.is(ids, tokens + count - rows.leftOut + rows.padding);
      const all = plain.map(({ prompt, text }) => prompt.length + text.length + 1);
      assert.is(rows.cut, all.filter((own) => own > length).length);
      assert.is(rows.cutPrompts, plain.filter(({ prompt }) => prompt.length >= length).length);
      if (layout === 'packed') assert.ok(rows.leftOut === 0 && rows.padding < length);
    },
    150,
  );
});

/** Texts of which some are equal, some alike, some empty, and some have a prompt. */
function randomTexts(seed: number): TrainingText[] {
  const random = randomSource(seed);
  const words = () =>
    Array.from({ length: 1 + random.below(30) }, () => random.pick('ox é 狐 🦊 the'.split(' ')));
  const all: TrainingText[] = ['The ox.'];
  for (let count = 1 + random.below(12); count > 0; count--) {
    const story = random.pick(STORIES);
    const prompt = words().join(' ');
    all.push(random.pick([story, `${story} ox`, '', words().join(' '), { prompt, completion: story }]));
  }
  return all;
}

test('the numbers of a report add up, for any data', async () => {
  await holds(
    'reports',
    fc.record({
      seed: fc.nat(),
      deduplicate: fc.constantFrom(undefined, true, { threshold: 0.5 }),
      validation: fc.constantFrom(0, 0.3),
      layout: fc.constantFrom<BatchShape['layout']>('packed', 'documents'),
    }),
    async ({ seed, deduplicate, validation, layout }) => {
      const data = randomTexts(seed);
      const options = { ...OPTIONS, data, validation, layout, ...(deduplicate && { deduplicate }) };
      const trainer = await Trainer.create(options);
      const { report } = trainer;
      trainer.dispose();
      const { read, duplicates, training, heldOut, rows, epochs, leaks, prompts } = report;
      const texts = data.map((item) =>
        typeof item === 'string' ? item : (item as { prompt: string; completion: string }),
      );
      const joined = texts.map((text) => (typeof text === 'string' ? text : text.prompt + text.completion));
      assert.is(read.bytes, new TextEncoder().encode(joined.join('')).length);
      assert.equal([read.files, read.empty], [1, joined.filter((text) => text === '').length]);
      assert.is(read.documents + read.empty, data.length);
      assert.is(read.tokens, duplicates.tokens + training.tokens + heldOut.tokens);
      const isSplit = validation > 0 && read.documents - duplicates.leftOut === 1;
      const kept = training.documents + heldOut.documents - (isSplit ? 1 : 0);
      assert.is(read.documents, duplicates.leftOut + kept);
      assert.is(duplicates.leftOut, deduplicate ? duplicates.exact + duplicates.near : 0);
      const distinct = new Set(data.filter((item) => item !== '').map((item) => JSON.stringify(item)));
      assert.is(read.documents - duplicates.exact, distinct.size);
      const inRows = rows.count * rows.length;
      assert.is(inRows, training.tokens + training.documents - rows.leftOut + rows.padding);
      assert.is(rows.learned, training.tokens + training.documents - prompts.tokens);
      assert.is(epochs, (12 * 3 * 2) / rows.count);
      assert.is(leaks.checked, heldOut.documents);
      assert.ok(leaks.leaked <= leaks.checked);
      assert.equal(JSON.parse(JSON.stringify(report)), report);
    },
    40,
    [{ seed: 1, deduplicate: true, validation: 0.3, layout: 'documents' }],
  );
});

test('a run of tokens has no bytes, and reports do not change while it trains', async () => {
  const documents = documentsOf([
    { prompt: [], text: [5, 6, 7, 8] },
    { prompt: [9], text: [6] },
  ]);
  const trainer = await Trainer.create({ ...OPTIONS, data: documents, validation: 0, steps: 2 });
  const { report } = trainer;
  await run(trainer);
  assert.equal(trainer.report, report);
  trainer.dispose();
  assert.equal(report.read, { documents: 2, tokens: 6, files: 1, bytes: undefined, empty: 0 });
  assert.equal(report.prompts, { documents: 1, tokens: 1 });
});

test.run();
