import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LogitsRow } from '../../src/core/types.js';
import { loadCore } from '../support/checkpoints.js';
import { NaiveRow } from '../support/fake_core.js';

function compareSums(row: LogitsRow): void {
  const reference = new NaiveRow(row.values);
  for (const temperature of [0.2, 1, 3]) {
    // The core's exponentials differ from exact ones in their last bits, so the reference gets the core's.
    reference.softmax(temperature).set(row.softmax(temperature));
    const sums = reference.blockSums();
    const blocks = row.blockSums();
    assert.is(blocks.length, sums.length);
    for (const [i, sum] of blocks.entries()) assert.ok(Math.abs(sum - sums[i]!) < 1e-14);
    const buckets = row.bucketSums();
    const expected = reference.bucketSums();
    assert.equal(buckets.counts.slice(), expected.counts);
    assert.equal(buckets.sums.slice(), expected.sums);
    assert.equal(Array.from(row.topK(9)), Array.from(reference.topK(9)));
  }
}

for (const name of ['base', 'odd-sizes']) {
  test(`${name}: the sums of a row of logits are those of the reference implementation`, async () => {
    const core = await loadCore(name, 'simd');
    await core.sequence('call').evaluate({ tokens: [1, 2, 3], read: compareSums });
  });
}

test.run();
