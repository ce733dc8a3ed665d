import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LogitsRow } from '../../src/core/types.js';
import { loadCore } from '../support/checkpoints.js';
import { NaiveRow } from '../support/fake_core.js';

function compareSums(row: LogitsRow): void {
  const twin = new NaiveRow(row.values);
  for (const temperature of [0.2, 1, 3]) {
    // Exponentials of the plain row differ in their last bits, so the core's are used in both.
    twin.softmax(temperature).set(row.softmax(temperature));
    const sums = twin.blockSums();
    const blocks = row.blockSums();
    assert.is(blocks.length, sums.length);
    for (const [i, sum] of blocks.entries()) assert.ok(Math.abs(sum - sums[i]!) < 1e-14);
    const buckets = row.bucketSums();
    const expected = twin.bucketSums();
    assert.equal(buckets.counts.slice(), expected.counts);
    assert.equal(buckets.sums.slice(), expected.sums);
    assert.equal(Array.from(row.topK(9)), Array.from(twin.topK(9)));
  }
}

for (const name of ['base', 'odd-sizes']) {
  test(`${name}: the sums of a row of logits are those of its plain twin`, async () => {
    const core = await loadCore(name, 'simd');
    const cache = (await core.takeCache('call'))!;
    await core.forward(cache, [1, 2, 3], 0, { first: 2, read: compareSums });
  });
}

test.run();
