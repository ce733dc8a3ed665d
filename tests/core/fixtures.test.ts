import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LogitsRow } from '../../src/core/types.js';
import { CHECKPOINTS, expectedOf, loadCore } from '../support/checkpoints.js';
import { assertLogits, logitsInBlocks } from '../support/logits.js';
import { BUILDS } from '../support/relaxed.js';

for (const name of CHECKPOINTS) {
  for (const build of BUILDS) {
    test(`${name}, ${build}: every logit is PyTorch's, in one block, in blocks of 1 and of 7`, async () => {
      const { input_ids, logits } = expectedOf(name);
      const core = await loadCore(name, build);
      const whole = await logitsInBlocks(core, input_ids);
      assertLogits(whole, logits);
      // Exactly the same: the division into blocks changes no bit.
      assert.equal(await logitsInBlocks(core, input_ids, 1), whole);
      assert.equal(await logitsInBlocks(core, input_ids, 7), whole);
    });

    test(`${name}, ${build}: the greedy continuation is PyTorch's`, async () => {
      const { input_ids, greedy } = expectedOf(name);
      const core = await loadCore(name, build);
      const sequence = core.sequence('session');
      const continuation: number[] = [];
      const read = (row: LogitsRow) => void continuation.push(row.argmax());
      for (;;) {
        const tokens = [...input_ids, ...continuation];
        if (continuation.length === greedy.length || tokens.length > core.config.contextLength) break;
        await sequence.evaluate({ tokens, read });
      }
      assert.equal(continuation, greedy);
    });

    test(`${name}, ${build}: the sum of log-probabilities is PyTorch's`, async () => {
      const { input_ids, logprob_sum } = expectedOf(name);
      const core = await loadCore(name, build);
      let sum = 0;
      const read = (row: LogitsRow, i: number) => {
        if (i + 1 < input_ids.length) sum += row.values[input_ids[i + 1]!]! - row.logSumExp();
      };
      await core.sequence('session').evaluate({ tokens: input_ids, first: 0, read });
      assert.ok(Math.abs(sum - logprob_sum) <= 1e-3, `${sum}, PyTorch has ${logprob_sum}`);
    });
  }
}

test.run();
