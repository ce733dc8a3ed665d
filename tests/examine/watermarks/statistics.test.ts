import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { detectWatermark } from '../../../src/examine.js';
import { loadModel, type Watermark } from '../../../src/index.js';
import { holds } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { storiesTiny } from '../../support/stories_tiny.js';

const model = await loadModel(storiesTiny, { build: 'simd' });
test.after(() => model.dispose());

/** The largest distance of the distribution of some p from the uniform one (Kolmogorov and Smirnov). */
function distance(ps: readonly number[]): number {
  const sorted = ps.slice().sort((a, b) => a - b);
  return Math.max(...sorted.map((p, i) => Math.max(p - i / ps.length, (i + 1) / ps.length - p)));
}

test('p of unmarked texts is uniform over keys', async () => {
  const { vocabSize } = model.config;
  const TEXTS = 200;
  const check = async (seed: number) => {
    const random = randomSource(seed);
    const kinds: ((key: number) => Watermark)[] = [
      (hashingKey) => ({ kind: 'kgw', hashingKey, greenlistRatio: 0.5 }),
      (hashingKey) => ({
        kind: 'kgw',
        hashingKey,
        seedingScheme: 'selfhash',
        contextWidth: 2,
        greenlistRatio: 0.5,
      }),
      (key) => ({ kind: 'unigram', key }),
      (keys) => ({ kind: 'synthid', keys, ngramLen: 3, samplingTableSize: 2 ** 10 }),
    ];
    for (const kind of kinds) {
      const ps: number[] = [];
      for (let text = 0; text < TEXTS; text++) {
        const ids = Array.from({ length: 60 }, () => random.below(vocabSize - 1));
        const watermark = kind(random.below(2 ** 31));
        ps.push((await detectWatermark(model, ids, watermark, { ignoreRepeatedNgrams: true })).p);
      }
      // Counts are whole numbers, which gives 0.07; 200 uniform numbers are more than 0.27 away once in 10^12 times.
      assert.ok(distance(ps) < 0.34, `${JSON.stringify(kind(0))}: ${distance(ps)}`);
    }
  };
  await holds('p of unmarked texts', fc.integer({ min: 0, max: 2 ** 31 - 1 }), check, 1);
});

test('marked texts have a larger z with their key, and not with another one', async () => {
  // The same seeds always: the difference of z is 5.5 on average for unigram, with a deviation of 0.7.
  for (const seed of [31, 1_234_567_890]) {
    const kinds: ((key: number) => Watermark)[] = [
      (hashingKey) => ({ kind: 'kgw', hashingKey, bias: 4 }),
      (hashingKey) => ({ kind: 'kgw', hashingKey, bias: 6, seedingScheme: 'selfhash', contextWidth: 3 }),
      (key) => ({ kind: 'unigram', key, bias: 4 }),
      (keys) => ({ kind: 'synthid', keys }),
    ];
    for (const kind of kinds) {
      const options = {
        seed,
        n: 4,
        temperature: 1.3,
        topP: 1,
        maxTokens: 40,
        ignoreEos: true,
        bannedTokens: [0],
      };
      const { choices } = await model.generate('Once upon a time', { ...options, watermark: kind(seed) });
      const meanZ = async (watermark: Watermark) => {
        const found = choices.map(({ tokens }) =>
          detectWatermark(model, tokens, watermark, { ignoreRepeatedNgrams: true }),
        );
        return (await Promise.all(found)).reduce((sum, { z }) => sum + z, 0) / choices.length;
      };
      const [own, other] = [await meanZ(kind(seed)), await meanZ(kind(seed + 1))];
      assert.ok(own > other + 1, `${JSON.stringify(kind(seed))}: ${own}, ${other} with another key`);
    }
  }
});

test.run();
