import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { auroc } from '../../../src/examine/detectors/auroc.js';
import { holds } from '../../support/property.js';

const SCORES = fc.array(
  fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, min: -5, max: 5 })),
  {
    minLength: 1,
    maxLength: 30,
  },
);

test('the area is the share of pairs in the right order, ties counting half', () =>
  holds(
    'auroc',
    fc.tuple(SCORES, SCORES),
    async ([positives, negatives]) => {
      let wins = 0;
      for (const a of positives) for (const b of negatives) wins += a > b ? 1 : a === b ? 0.5 : 0;
      assert.is(auroc(positives, negatives), wins / (positives.length * negatives.length));
    },
    300,
  ));

test.run();
