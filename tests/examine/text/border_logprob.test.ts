import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { logprobOfAny } from '../../../src/examine/text/border_logprob.js';
import { NaiveRow } from '../../support/fake_core.js';

test('the probability of any of several tokens is their sum, also where 32 bits cannot hold it', () => {
  for (const low of [0, -10, -40, -90, -500]) {
    const logits = [3, low, 1, low - 1, low + 2, -2];
    const ids = Int32Array.of(1, 3, 4);
    const expected =
      Math.log(Math.exp(0) + Math.exp(-1) + Math.exp(2)) +
      low -
      Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
    const found = logprobOfAny(new NaiveRow(logits), ids);
    assert.ok(Math.abs(found - expected) < 1e-6, `${low}: ${found}, ${expected}`);
  }
  const all = logprobOfAny(new NaiveRow([1, 2, 3]), Int32Array.of(0, 1, 2));
  assert.ok(all <= 0 && all > -1e-6, `all tokens: ${all}`);
});

test.run();
