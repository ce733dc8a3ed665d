import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loraTargets } from '../../../src/architecture/gpt2/lora.js';
import { TrainCore } from '../../../src/core/training/train_core.js';
import { classRows } from '../../../src/train/classes/class_rows.js';
import { holds } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { decoders, literalLoss, randomWeights } from '../../support/random_captioners.js';
import { BUILDS } from '../../support/relaxed.js';
import { checkSlope, gradientsOf, largestOf } from '../../support/slopes.js';
import { thrown } from '../../support/thrown.js';

const inputs = decoders.chain((decoder) =>
  fc.record({
    decoder: fc.constant({ ...decoder, crossAttention: false }),
    classes: fc.integer({ min: 2, max: 40 }),
    batch: fc.integer({ min: 1, max: 3 }),
    length: fc.integer({ min: 1, max: 6 }),
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    isLora: fc.boolean(),
  }),
);

/** Random texts of 1 to `length` tokens in rows that are filled up. */
function randomTexts(vocabSize: number, classes: number, count: number, length: number, seed: number) {
  const random = randomSource(seed);
  const labels = Array.from({ length: classes }, (_, i) => `${i}`);
  const rows = classRows({ rows: count, labels, padTokenId: 0, tokenizer: undefined, vocabSize, length });
  const texts = Array.from({ length: count }, () => ({
    ids: Array.from({ length: 1 + random.below(length) }, () => random.below(vocabSize)),
    label: random.below(classes),
  }));
  return rows.batch(texts);
}

for (const build of BUILDS) {
  test(`${build}: the loss and the gradients of a classifier are those of their definition`, () =>
    holds(
      `${build}: gradients of a classifier`,
      inputs,
      async ({ decoder, classes, batch: B, length, seed, isLora }) => {
        const config = { ...decoder, tiedHead: false, classes };
        const lora = isLora ? { rank: 2, alpha: 4, targets: loraTargets(['c_attn']) } : undefined;
        const core = await TrainCore.create({ config, build, shape: { batch: B, length, lora } });
        const weights = randomWeights(core, seed);
        // With B of 0, an adapter changes nothing yet.
        for (const parameter of core.parameters.filter(({ name }) => name.includes('lora_B')))
          core.write('weights', parameter, new Float32Array(parameter.shape[0]! * parameter.shape[1]!));
        const input = randomTexts(config.vocabSize, classes, B, length, seed + 1);
        const want = literalLoss({ config }, weights, input);
        const got = await core.accumulate(input, { scale: 1 });
        assert.ok(Math.abs(got - want) <= 1e-4 * want + 1e-5, `loss ${got}, not ${want}`);
        const gradients = gradientsOf(core);
        const largest = largestOf(gradients.values());
        assert.ok(gradients.has('lm_head.weight'));
        assert.is(gradients.has('wte.weight'), !isLora);
        for (const [name, gradient] of gradients) {
          if (!/^(lm_head|wte|h\.0\.attn\.c_attn)\.weight$/.test(name)) continue;
          checkSlope(name, gradient, largest, seed, (direction, by) => {
            const moved = weights.get(name)!.map((w, i) => w + by * direction[i]!);
            return literalLoss({ config }, new Map(weights).set(name, moved), input);
          });
        }
        const wrong = {
          ...input,
          targets: Array.from(input.targets, (target) => (target < 0 ? -1 : classes)),
        };
        await thrown(() => core.accumulate(wrong, { scale: 1 }), 'invalid-option', 'target');
        core.dispose();
      },
      12,
    ));
}

test.run();
