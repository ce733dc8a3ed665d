import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PreferenceTally } from '../../../src/train/preferences/preference_measures.js';

test('accuracy and margin of pairs compare the answers of each; equal rewards count half', () => {
  const tally = new PreferenceTally();
  assert.is(tally.take(), undefined);
  tally.addPair(3, 1);
  tally.addPair(2, 2);
  tally.addPair(-1, 5);
  tally.addPair(8, 0);
  assert.equal(tally.take(), { examples: 4, accuracy: 2.5 / 4, margin: 12 / 4 - 8 / 4 });
  assert.is(tally.take(), undefined);
});

test('accuracy of judged answers compares each desirable one with each undesirable one', () => {
  const tally = new PreferenceTally();
  tally.addJudged(3, true);
  tally.addJudged(1, true);
  assert.equal(tally.take(), { examples: 2 });
  for (const [reward, isDesirable] of [
    [4, true],
    [1, true],
    [1, false],
    [2, false],
    [0, false],
  ] as const)
    tally.addJudged(reward, isDesirable);
  assert.equal(tally.take(), { examples: 5, accuracy: 4.5 / 6, margin: 2.5 - 1 });
});

test.run();
