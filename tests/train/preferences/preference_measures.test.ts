import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PreferenceTally } from '../../../src/train/preferences/preference_measures.js';
import { near } from '../../support/near.js';
import { holds } from '../../support/property.js';

const rewards = fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 12 });

test('the accuracy of judged answers is that of all pairs of a desirable and an undesirable one', () =>
  holds(
    'accuracy of judged answers',
    fc.tuple(rewards, rewards),
    async ([good, bad]) => {
      const tally = new PreferenceTally();
      for (const reward of good) tally.addJudged(reward, true);
      for (const reward of bad) tally.addJudged(reward, false);
      const measures = tally.take();
      const pairs = good.flatMap((better) => bad.map((worse) => (Math.sign(better - worse) + 1) / 2));
      assert.is(measures?.examples ?? 0, good.length + bad.length);
      if (pairs.length === 0) assert.is(measures?.accuracy, undefined);
      else near(measures!.accuracy!, pairs.reduce((a, b) => a + b) / pairs.length, 1e-12);
    },
    200,
    [
      [
        [1, 1],
        [1, 0],
      ],
    ],
  ));

test.run();
