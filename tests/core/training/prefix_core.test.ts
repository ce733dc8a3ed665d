import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { estimateTrainingMemory } from '../../../src/core/training/layout.js';
import type { TrainingShape } from '../../../src/core/training/shape.js';
import { TrainCore } from '../../../src/core/training/train_core.js';
import { trainStep } from '../../../src/train/step.js';
import type { Weights } from '../../support/literal_captioner.js';
import { holds } from '../../support/property.js';
import {
  isOfMapper,
  literalPrefixLoss,
  ODD_MLP,
  ODD_TRANSFORMER,
  type PrefixedConfig,
  prefixed,
  prefixedBatch,
  randomPrefixed,
} from '../../support/random_prefixes.js';
import { BUILDS } from '../../support/relaxed.js';
import { checkSlope, gradientsOf, largestOf } from '../../support/slopes.js';
import { thrown } from '../../support/thrown.js';
import { DROPOUT, norm, state } from '../../support/training.js';

const BOTH = [ODD_MLP, ODD_TRANSFORMER];

/** Numbers before a ReLU are as far from 0: there, single and double precision may differ about its slope. */
const NEAR_KINK = 1e-4;

/**
 * ReLU as it is at these weights, in the order of calls: with it, losses have a slope everywhere. Undefined if a number is too
 * near to 0.
 */
function gatesOf(model: PrefixedConfig, weights: Weights, batch: Parameters<typeof literalPrefixLoss>[2]) {
  const gates: boolean[] = [];
  let least = Infinity;
  const want = literalPrefixLoss(model, weights, batch, (value) => {
    gates.push(value > 0);
    least = Math.min(least, Math.abs(value));
    return Math.max(value, 0);
  });
  const gated = () => {
    let next = 0;
    return (value: number) => (gates[next++] ? value : 0);
  };
  return { want, gated: least < NEAR_KINK ? undefined : gated };
}

for (const build of BUILDS) {
  test(`${build}: losses and gradients of a mapper and its GPT-2 are those of their definition`, () =>
    holds(
      `${build}: gradients of a mapper`,
      prefixed,
      async ({ batch: B, tokens, seed, ...model }) => {
        const { prefix } = model;
        const shape = { batch: B, length: prefix.vectors + tokens, recompute: seed % 2 === 1 };
        const { core, weights } = await randomPrefixed(model, shape, seed, build);
        const batch = prefixedBatch(model, B, tokens, seed + 1);
        const { want, gated } = gatesOf(model, weights, batch);
        const got = await core.accumulate(batch, { scale: 1 });
        assert.ok(Math.abs(got - want) <= 1e-4 * want + 1e-5, `loss ${got}, not ${want}`);
        const rows = core.embeddingGradients();
        if (gated !== undefined) {
          const gradients = gradientsOf(core);
          const largest = largestOf(gradients.values());
          for (const [name, gradient] of gradients) {
            if (!isOfMapper(name) && !/^(wte|wpe|h\.0\.attn\.c_attn)\.weight/.test(name)) continue;
            checkSlope(name, gradient, largest, seed, (direction, by) => {
              const moved = weights.get(name)!.map((w, i) => w + by * direction[i]!);
              return literalPrefixLoss(model, new Map(weights).set(name, moved), batch, gated());
            });
          }
          const { vectors: P, channels: C } = prefix;
          const own = Array.from({ length: B }, (_, i) =>
            Array.from(rows.subarray(i * batch.length * C, (i * batch.length + P) * C)),
          );
          checkSlope('vectors', Float32Array.from(own.flat()), largest, seed, (direction, by) =>
            literalPrefixLoss(
              model,
              weights,
              batch,
              gated(),
              direction.map((d) => by * d),
            ),
          );
        }
        core.dispose();
      },
      8,
      BOTH.map((model) => ({ ...model, batch: 2, tokens: 4, seed: 3 })),
    ));
}

test('gradients of a mapper with dropout in GPT-2 are the slopes of the loss', async () => {
  for (const [i, model] of BOTH.entries()) {
    // Of a frozen GPT-2, no embedding is trained, but the gradient goes through its dropout.
    const shape: TrainingShape = { batch: 3, length: 8, ...(i === 0 && { frozen: ['decoder'] }) };
    const { core } = await randomPrefixed(model, shape, 5);
    const batch = prefixedBatch(model, 3, 5, 6);
    const options = { scale: 1 / 18, seed: 3, microbatch: 4, dropout: DROPOUT };
    await core.accumulate(batch, options);
    for (const [i, gradient] of state(core, 'gradients').entries()) {
      const parameter = core.parameters[i]!;
      if (!isOfMapper(parameter.name) || norm(gradient) < 1e-3) continue;
      const weights = core.read('weights', parameter);
      const step = 0.005 / norm(gradient);
      const lossAt = async (by: number) => {
        core.write(
          'weights',
          parameter,
          weights.map((w, j) => w + by * gradient[j]!),
        );
        return (await core.accumulate(batch, options)) / 18;
      };
      const slope = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step);
      await lossAt(0);
      const want = norm(gradient) ** 2;
      assert.ok(Math.abs(slope - want) < 0.03 * want, `${parameter.name}: ${slope}, not ${want}`);
    }
    core.dispose();
  }
});

const LORA = { rank: 3, alpha: 5, targets: ['attn.c_attn', 'mlp.c_proj'] } as const;

test('a frozen GPT-2 and one with an adapter keep their bits, and the mapper has the gradients that it has with all trained', async () => {
  for (const model of BOTH) {
    const batch = prefixedBatch(model, 2, 4, 12);
    const { core: whole } = await randomPrefixed(model, { batch: 2, length: 7 }, 11);
    const loss = await whole.accumulate(batch, { scale: 1 });
    const want = gradientsOf(whole);
    for (const more of [{ frozen: ['decoder'] }, { lora: LORA }] as const) {
      const { core } = await randomPrefixed(model, { batch: 2, length: 7, ...more }, 11);
      for (const parameter of whole.parameters) {
        core.write('weights', parameter, whole.read('weights', parameter));
      }
      for (const parameter of core.parameters) {
        if (parameter.name.includes('lora_B')) {
          core.write('weights', parameter, core.read('weights', parameter).fill(0));
        }
      }
      const got = await core.accumulate(batch, { scale: 1 });
      assert.ok(Math.abs(got - loss) <= 1e-6 * loss, `${got} ${loss}`);
      const found = gradientsOf(core);
      const mapped = [...found].filter(([name]) => isOfMapper(name));
      assert.is(mapped.length, [...want.keys()].filter(isOfMapper).length);
      assert.is(found.size - mapped.length, 'lora' in more ? 2 * 2 * 2 : 0);
      for (const [name, gradient] of mapped) {
        const difference = norm(gradient.map((g, i) => g - want.get(name)![i]!));
        assert.ok(difference <= 1e-5 * norm(want.get(name)!) + 1e-6, name);
      }
      await trainStep(core, [batch], { step: 1, learningRate: 0.1 });
      assert.is(core.frozen.length, whole.parameters.length - mapped.length);
      for (const parameter of core.frozen) {
        assert.equal(core.read('weights', parameter), whole.read('weights', parameter), parameter.name);
      }
      core.dispose();
    }
    whole.dispose();
  }
});

const SHAPES: readonly [title: string, model: PrefixedConfig, more: Partial<TrainingShape>][] = [
  ['matrices', ODD_MLP, {}],
  ['a transformer', ODD_TRANSFORMER, {}],
  ['a transformer alone, recomputed', ODD_TRANSFORMER, { frozen: ['decoder'], recompute: true }],
  ['matrices and an adapter', ODD_MLP, { lora: LORA }],
];

for (const build of BUILDS) {
  test(`${build}: 2 and 3 threads train a mapper with the bits of one`, async () => {
    for (const [title, model, more] of SHAPES) {
      const run = async (threads: number) => {
        const { core } = await randomPrefixed(model, { batch: 3, length: 8, ...more }, 8, build, threads);
        assert.is(core.threads.count, threads);
        const results = [];
        for (let step = 1; step <= 2; step++) {
          const batch = prefixedBatch(model, step, 5, step);
          results.push(await trainStep(core, [batch], { step, learningRate: 1e-3, dropout: DROPOUT }));
        }
        const weights = state(core, 'weights');
        core.dispose();
        return [results, weights];
      };
      const one = await run(1);
      for (const threads of [2, 3]) assert.equal(await run(threads), one, `${title}: ${threads} threads`);
    }
  });
}

test('recomputing and what was in memory before change no bit of the gradients of a mapper', async () => {
  for (const model of BOTH) {
    const [kept, recomputed] = await Promise.all(
      [false, true].map(async (recompute) => {
        const { core } = await randomPrefixed(model, { batch: 3, length: 8, recompute }, 9);
        const batch = prefixedBatch(model, 2, 5, 10);
        // A larger batch leaves its numbers in all buffers.
        if (recompute) await core.evaluate(prefixedBatch(model, 3, 4, 11));
        await core.accumulate(batch, { scale: 1, dropout: DROPOUT });
        return state(core, 'gradients');
      }),
    );
    assert.equal(recomputed, kept);
  }
});

test('the estimate is the memory that training a mapper takes', async () => {
  const large = { ...ODD_TRANSFORMER.prefix, features: 900, made: 30 } as PrefixedConfig['prefix'];
  for (const [title, model, more] of [
    ...SHAPES,
    ['many features', { ...ODD_MLP, prefix: large }, {}] as const,
  ]) {
    for (const threads of [1, 2]) {
      const shape = { batch: 4, length: 12, ...more, prefix: model.prefix };
      const core = await TrainCore.create({ config: model.config, build: 'simd', shape, threads });
      const { total } = estimateTrainingMemory(model.config, shape, threads);
      const { memoryBytes } = core;
      assert.ok(memoryBytes >= total && memoryBytes <= total + 2 ** 18, `${title}: ${memoryBytes}, ${total}`);
      core.dispose();
    }
  }
});

test('batches and mappers that do not fit the model are refused by name', async () => {
  const { core } = await randomPrefixed(ODD_MLP, { batch: 2, length: 8 }, 15);
  const { features, ...rest } = prefixedBatch(ODD_MLP, 2, 5, 16);
  const moved = rest.tokens as number[];
  for (const [more, words] of [
    [{}, 'features is undefined'],
    [{ features: features!.subarray(1) }, 'the batch has 14'],
    [{ features: features!.map((x, i) => (i === 3 ? NaN : x)) }, 'not finite'],
    [{ features, tokens: moved.with(2, 5) }, 'token 2 is 5'],
    [{ features, tokens: moved.with(3, -1) }, 'token 3 is -1'],
    [{ features, tokens: moved.with(4, 37) }, 'token 4 is 37'],
  ] as const) {
    await thrown(() => core.evaluate({ ...rest, ...more }), 'invalid-option', words);
  }
  core.dispose();
  const { config, prefix } = ODD_MLP;
  const own = ODD_TRANSFORMER.prefix;
  const refused: [object, string][] = [
    [{ prefix: { ...prefix, channels: 24 } }, 'mapper.channels is 24'],
    [{ prefix: { ...prefix, vectors: 8 } }, 'mapper.vectors'],
    [{ prefix: { ...prefix, kind: 'linear' } }, 'mapper.kind'],
    [{ prefix: { ...own, heads: 3 } }, 'mapper.heads'],
    [{ prefix: { ...prefix, layers: 3 } }, 'layers'],
    [{ prefix: 'mlp' }, 'mapper.kind'],
    [{ frozen: ['decoder'] }, 'nothing'],
  ];
  for (const [more, words] of refused) {
    const shape = { batch: 2, length: 8, ...more } as TrainingShape;
    await thrown(() => TrainCore.create({ config, build: 'simd', shape }), 'invalid-option', words);
  }
  const crossing = { ...config, crossAttention: true };
  const shape = { batch: 2, length: 8, states: 3, prefix };
  await thrown(
    () => TrainCore.create({ config: crossing, build: 'simd', shape }),
    'invalid-option',
    'prefix',
  );
  const plain = await TrainCore.create({ config, build: 'simd', shape: { batch: 2, length: 8 } });
  await thrown(
    () => plain.evaluate({ ...rest, features, tokens: moved.map((id) => Math.max(id, 0)) }),
    'invalid-option',
    'without a mapper',
  );
  plain.dispose();
});

test.run();
