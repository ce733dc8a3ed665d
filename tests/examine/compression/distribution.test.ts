import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Distribution, TOTAL } from '../../../src/examine/compression/distribution.js';
import { loadModel } from '../../../src/index.js';
import { NaiveRow } from '../../support/fake_core.js';
import { holds } from '../../support/property.js';
import { storiesTiny } from '../../support/stories_tiny.js';

/** Logits of which some dominate all others. */
const logits = fc.array(
  fc.oneof(fc.float({ min: -5, max: 5, noNaN: true }), fc.float({ min: -200, max: 200, noNaN: true })),
  {
    minLength: 1,
    maxLength: 300,
  },
);

test('the intervals of all tokens and of the escape cover all numbers, in order, and each number is found', async () => {
  await holds(
    'logits',
    fc.tuple(logits, fc.array(fc.integer({ min: 0, max: TOTAL - 1 }), { minLength: 1, maxLength: 20 })),
    async ([values, numbers]) => {
      const probabilities = new NaiveRow(values).softmax(1);
      const distribution = new Distribution(values.length);
      const intervals = values.map((_, id) => distribution.token(probabilities, id));
      intervals.push(distribution.escape(probabilities));
      let end = 0;
      for (const { start, size } of intervals) {
        assert.is(start, end);
        assert.ok(size >= 1 && Number.isInteger(size));
        end += size;
      }
      assert.is(end, TOTAL);
      const edges = intervals.flatMap(({ start, size }) => [start, start + size - 1]);
      for (const number of [...numbers, ...edges]) {
        const { id, start, size } = distribution.at(probabilities, number);
        assert.equal({ start, size }, intervals[id ?? values.length]);
        assert.ok(number >= start && number < start + size);
      }
    },
    200,
  );
});

test('frequencies are within 0.01 % of the probabilities, or within one', async () => {
  const model = await loadModel(storiesTiny, { build: 'simd' });
  const ids = model.tokenizer.encode('Once upon a time there was');
  const { vocabSize } = model.config;
  const all = await model.logits(ids);
  const distribution = new Distribution(vocabSize);
  for (let row = 0; row < ids.length; row++) {
    const probabilities = new NaiveRow(all.slice(row * vocabSize, (row + 1) * vocabSize)).softmax(1);
    probabilities.forEach((probability, id) => {
      const { size } = distribution.token(probabilities, id);
      assert.ok(Math.abs(size / TOTAL - probability) <= 1e-4 * probability + 1 / TOTAL);
    });
  }
  model.dispose();
});

test.run();
