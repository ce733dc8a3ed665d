import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PlainSums } from '../../../src/generate/search/plain_sums.js';
import { NaiveRow } from '../../support/fake_core.js';
import { randomSource } from '../../support/random.js';

test('the sums are those of a row, as the values are at the call', () => {
  const random = randomSource(2);
  const values = new Float32Array(50);
  const sums = new PlainSums(values);
  for (let round = 0; round < 50; round++) {
    for (let id = 0; id < values.length; id++) {
      values[id] = random.uniform() < 0.2 ? Number.NEGATIVE_INFINITY : 200 * random.uniform() - 150;
    }
    const row = new NaiveRow(values);
    assert.ok(Math.abs(sums.logSumExp() - row.logSumExp()) < 1e-9);
    for (const temperature of [1, 0.3, 7]) {
      const right = row.softmax(temperature);
      // The row's scale is in single precision.
      const isNear = (probability: number, id: number) => Math.abs(probability - right[id]!) < 1e-5;
      assert.ok(sums.softmax(temperature).every(isNear));
    }
  }
  values.fill(Number.NEGATIVE_INFINITY);
  assert.is(sums.logSumExp(), Number.NEGATIVE_INFINITY);
});

test.run();
