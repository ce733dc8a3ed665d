import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lookOf, lookText } from '../../../src/playground/describe/places.js';
import { holds } from '../../support/property.js';
import { randomSource } from '../../support/random.js';

/** Weights with the given ones and 0 for the others. */
function weightsOf(rows: number, columns: number, given: Readonly<Record<number, number>>) {
  const weights = new Float32Array(rows * columns);
  for (const [patch, weight] of Object.entries(given)) weights[Number(patch)] = weight;
  return { weights, patches: { rows, columns } };
}

const textOf = (rows: number, columns: number, given: Readonly<Record<number, number>>) => {
  const { weights, patches } = weightsOf(rows, columns, given);
  return lookText(lookOf(weights, patches));
};

test('the place of a patch has its name, and its share of all attention', () => {
  const names = ['top left', 'top', 'top right', 'left', 'middle', 'right'];
  for (const [i, name] of [...names, 'bottom left', 'bottom', 'bottom right'].entries()) {
    assert.is(textOf(3, 3, { [i]: 0.5 }), `mostly at the ${name} (50 %)`);
    assert.is(
      textOf(6, 9, { [18 * Math.floor(i / 3) + 3 * (i % 3) + 1]: 0.5 }),
      `mostly at the ${name} (50 %)`,
    );
  }
  assert.is(textOf(3, 3, { 0: 0.25, 8: 0.5 }), 'mostly at the bottom right (50 %) and the top left (25 %)');
});

test('a patch in several places counts by its area', () => {
  assert.equal(
    lookOf(Float32Array.of(0.75, 0), { rows: 1, columns: 2 })
      .places.slice(0, 6)
      .map(({ share }) => +share.toFixed(6)),
    [...new Array(3).fill(0.166667), ...new Array(3).fill(0.083333)],
  );
});

test('equal weights are all over the image', () => {
  assert.is(
    lookText(lookOf(new Float32Array(196).fill(0.9 / 196), { rows: 14, columns: 14 })),
    'all over the image',
  );
});

test('the shares of places and of the whole image have the sum 1', () =>
  holds(
    'shares',
    fc.record({
      rows: fc.integer({ min: 1, max: 24 }),
      columns: fc.integer({ min: 1, max: 24 }),
      seed: fc.integer(),
    }),
    async ({ rows, columns, seed }) => {
      const random = randomSource(seed);
      const raw = Array.from({ length: rows * columns }, () => random.uniform());
      const sum = raw.reduce((a, b) => a + b, 1);
      const { places, whole } = lookOf(
        Float32Array.from(raw, (weight) => weight / sum),
        { rows, columns },
      );
      const total = places.reduce((all, { share }) => all + share, whole);
      assert.ok(Math.abs(total - 1) < 1e-5, String(total));
      assert.ok(Math.abs(whole - 1 / sum) < 1e-5, String(whole));
    },
    100,
  ));

test.run();
