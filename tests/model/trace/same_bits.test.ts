import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hooksOf } from '../../../src/core/hooks/hooks_of.js';
import { type Edit, type LoadModelOptions, loadModel, type Model } from '../../../src/index.js';
import { holds } from '../../support/property.js';
import { randomModel } from '../../support/random_core.js';
import { BUILDS } from '../../support/relaxed.js';

// Three chunks of a prompt and three pages of keys and values.
const source = await randomModel({
  contextLength: 300,
  channels: 24,
  heads: 3,
  layers: 2,
  innerChannels: 40,
});

const SETTINGS: readonly LoadModelOptions[] = [
  { build: 'simd' },
  { build: 'simd', threads: 2 },
  { build: 'simd', weights: 'q8', kvCache: 'f16' },
  { build: 'simd', weights: 'q4', kvCache: 'q8' },
  { build: 'simd', kvCache: 'q8' },
  ...BUILDS.filter((build) => build === 'relaxed').flatMap((build): LoadModelOptions[] => [
    { build },
    { build, weights: 'q8', kvCache: 'q8' },
    { build, weights: 'q4', kvCache: 'f16' },
  ]),
];

const lengths = fc.oneof(
  fc.integer({ min: 1, max: 12 }),
  fc.integer({ min: 125, max: 140 }),
  fc.constant(290),
);

/** A text, positions in it and hooks. */
const cases = (model: Model) => {
  const names = hooksOf(model.config).map(({ name }) => name);
  return lengths.chain((count) =>
    fc.record({
      ids: fc.array(fc.nat(model.config.vocabSize - 1), { minLength: count, maxLength: count }),
      positions: fc.uniqueArray(fc.integer({ min: -count, max: count - 1 }), {
        minLength: 1,
        maxLength: 5,
        selector: (position) => (position + count) % count,
      }),
      read: fc.subarray(names, { minLength: 1 }),
    }),
  );
};

for (const settings of SETTINGS) {
  const title = JSON.stringify(settings);
  test(`${title}: reading changes no bit, and neither does putting back what was read`, async () => {
    const model = await loadModel(source, settings);
    const editable = new Set(
      hooksOf(model.config)
        .filter(({ isEditable }) => isEditable)
        .map(({ name }) => name),
    );
    try {
      await holds(
        title,
        cases(model),
        async ({ ids, positions, read }) => {
          const plain = await model.logits(ids);
          const { values, logits } = await model.trace(ids, { read, positions, logits: 'all' });
          assert.equal(logits!.data, plain);
          const edit = read
            .filter((name) => editable.has(name))
            .map((hook): Edit => ({ hook, positions, op: 'replace', value: values[hook]!.data }));
          const patched = await model.trace(ids, { edit, read, positions, logits: 'all' });
          assert.equal(patched.logits!.data, plain);
          assert.equal(patched.values, values);
        },
        3,
      );
    } finally {
      model.dispose();
    }
  });
}

test.run();
