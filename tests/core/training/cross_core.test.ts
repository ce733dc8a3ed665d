import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  CAPTION_LORA_TARGETS,
  type LoraShape,
  loraParameters,
  matrixSizes,
} from '../../../src/architecture/gpt2/lora.js';
import type { Parameter } from '../../../src/architecture/gpt2/parameters.js';
import { stateCount } from '../../../src/architecture/vit/config.js';
import type { Batch } from '../../../src/core/training/batch.js';
import { estimateTrainingMemory } from '../../../src/core/training/layout.js';
import { targetsOf } from '../../../src/core/training/parameters.js';
import type { TrainingShape } from '../../../src/core/training/shape.js';
import { TrainCore } from '../../../src/core/training/train_core.js';
import { trainStep } from '../../../src/train/step.js';
import { loadEncoder } from '../../support/encoders.js';
import type { CaptionerConfig, Weights } from '../../support/literal_captioner.js';
import { holds } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import {
  captionedBatch,
  captioners,
  literalLoss,
  ODD,
  randomCaptioner,
  SAME_WIDTH,
} from '../../support/random_captioners.js';
import { BUILDS } from '../../support/relaxed.js';
import { checkSlope, gradientsOf, largestOf } from '../../support/slopes.js';
import { thrown } from '../../support/thrown.js';
import { DROPOUT, norm, state } from '../../support/training.js';

/** The loss if a weight is changed along a direction. */
function movedLoss(captioner: CaptionerConfig, weights: Weights, batch: Batch, name: string) {
  return (direction: Float64Array, by: number) => {
    const moved = weights.get(name)!.map((w, i) => w + by * direction[i]!);
    return literalLoss(captioner, new Map(weights).set(name, moved), batch);
  };
}

for (const build of BUILDS) {
  test(`${build}: losses and gradients of a captioner are those of its definition`, () =>
    holds(
      `${build}: gradients of a captioner`,
      captioners,
      async ({ batch: B, length: T, seed, ...captioner }) => {
        const shape = { batch: B, length: T, recompute: seed % 2 === 1 };
        const { core, weights } = await randomCaptioner(captioner, shape, seed, build);
        const batch = captionedBatch(captioner, B, T, seed + 1);
        const want = literalLoss(captioner, weights, batch);
        const got = await core.accumulate(batch, { scale: 1 });
        assert.ok(Math.abs(got - want) <= 1e-4 * want + 1e-5, `loss ${got}, not ${want}`);
        const gradients = gradientsOf(core);
        const largest = largestOf(gradients.values());
        // One layer of each kind, but all that lies outside of layers.
        const layer = seed % 2;
        for (const [name, gradient] of gradients) {
          const twin = name.replace(/\.\d+\./, `.${layer}.`);
          if (twin !== name && gradients.has(twin)) continue;
          checkSlope(name, gradient, largest, seed, movedLoss(captioner, weights, batch, name));
        }
        core.dispose();
      },
      6,
    ));
}

test('losses and gradients of a decoder with given states are those of its definition, those of the states too', () =>
  holds(
    'gradients of given states',
    captioners,
    async ({ config, batch: B, length: T, seed }) => {
      const captioner = { config };
      const S = 1 + (seed % 7);
      const shape = { batch: B, length: T, states: S, recompute: seed % 2 === 1 };
      const { core, weights } = await randomCaptioner(captioner, shape, seed);
      const batch = captionedBatch(captioner, B, T, seed + 1, S);
      const want = literalLoss(captioner, weights, batch);
      const got = await core.accumulate(batch, { scale: 1 });
      assert.ok(Math.abs(got - want) <= 1e-4 * want + 1e-5, `loss ${got}, not ${want}`);
      const gradients = gradientsOf(core);
      const largest = largestOf(gradients.values());
      for (const name of [
        'h.0.crossattention.c_attn.weight',
        'h.0.crossattention.c_attn.bias',
        'wpe.weight',
      ]) {
        checkSlope(name, gradients.get(name)!, largest, seed, movedLoss(captioner, weights, batch, name));
      }
      const states = Float64Array.from(batch.states!);
      checkSlope('states', core.stateGradients(), largest, seed, (direction, by) => {
        const moved = states.map((value, i) => value + by * direction[i]!);
        return literalLoss(captioner, weights, { ...batch, states: moved as unknown as Float32Array });
      });
      core.dispose();
    },
    6,
  ));

test('gradients with dropout are the slopes of the loss, of every kind of weight', async () => {
  const shape = { batch: 3, length: 6 };
  const { core } = await randomCaptioner(ODD, shape, 5);
  const batch = captionedBatch(ODD, 3, 6, 6);
  const options = { scale: 1 / 18, seed: 3, microbatch: 4, dropout: DROPOUT };
  await core.accumulate(batch, options);
  const random = randomSource(7);
  for (const [i, gradient] of state(core, 'gradients').entries()) {
    const parameter = core.parameters[i]!;
    const weights = core.read('weights', parameter);
    // Few elements: a missing mask would not show in the mean of many.
    const share = Math.min(1, 40 / gradient.length);
    const direction = gradient.map((g) => (random.uniform() < share ? g : 0));
    if (norm(direction) < 1e-3) continue;
    const step = 0.02 / norm(direction);
    const lossAt = async (by: number) => {
      core.write(
        'weights',
        parameter,
        weights.map((w, j) => w + by * direction[j]!),
      );
      return (await core.accumulate(batch, options)) / 18;
    };
    const slope = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step);
    await lossAt(0);
    const want = gradient.reduce((sum, g, j) => sum + g * direction[j]!, 0);
    assert.ok(Math.abs(slope - want) < 0.02 * want, `${parameter.name}: ${slope}, the gradient says ${want}`);
  }
  core.dispose();
});

test('dropout reaches the image encoder: what it drops of the embedding has no gradient', async () => {
  const { core } = await randomCaptioner(ODD, { batch: 1, length: 4 }, 5);
  const batch = captionedBatch(ODD, 1, 4, 6);
  const dropout = { embedding: 0.5, attention: 0, residual: 0 };
  await core.accumulate(batch, { scale: 1, seed: 3, dropout });
  const positions = gradientsOf(core).get('embeddings.position_embeddings')!;
  const zeros = positions.filter((g) => g === 0).length / positions.length;
  assert.ok(zeros > 0.35 && zeros < 0.65, `${zeros}`);
  core.dispose();
});

const SHAPES: readonly [title: string, captioner: CaptionerConfig, more: Partial<TrainingShape>][] = [
  ['all weights', ODD, {}],
  ['all weights, recomputed', SAME_WIDTH, { recompute: true }],
  ['cross-attention alone', ODD, { frozen: ['encoder', 'decoder'] }],
  ['the encoder alone', SAME_WIDTH, { frozen: ['decoder', 'cross'] }],
  ['an adapter', ODD, { lora: { rank: 3, alpha: 5, targets: CAPTION_LORA_TARGETS } }],
];

for (const build of BUILDS) {
  test(`${build}: 2 and 3 threads train a captioner with the bits of one`, async () => {
    for (const [title, captioner, more] of SHAPES) {
      const run = async (threads: number) => {
        const shape = { batch: 3, length: 6, ...more };
        const { core } = await randomCaptioner(captioner, shape, 8, build, threads);
        assert.is(core.threads.count, threads);
        const results = [];
        for (let step = 1; step <= 2; step++) {
          const batch = captionedBatch(captioner, 3, 6, step);
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

test('recomputing changes no bit of the gradients of a captioner', async () => {
  for (const captioner of [ODD, SAME_WIDTH]) {
    const [kept, recomputed] = await Promise.all(
      [false, true].map(async (recompute) => {
        const { core } = await randomCaptioner(captioner, { batch: 2, length: 5, recompute }, 9);
        await core.accumulate(captionedBatch(captioner, 2, 5, 10), { scale: 1, dropout: DROPOUT });
        return state(core, 'gradients');
      }),
    );
    assert.equal(recomputed, kept);
  }
});

test('frozen sections keep their bits, and the gradients of the others are those of a core that trains all', async () => {
  for (const captioner of [ODD, SAME_WIDTH]) {
    const batch = captionedBatch(captioner, 2, 5, 12);
    const { core: whole } = await randomCaptioner(captioner, { batch: 2, length: 5 }, 11);
    const loss = await whole.accumulate(batch, { scale: 1 });
    const want = gradientsOf(whole);
    for (const frozen of [
      ['encoder'],
      ['decoder'],
      ['cross'],
      ['encoder', 'decoder'],
      ['decoder', 'cross'],
    ] as const) {
      const { core } = await randomCaptioner(captioner, { batch: 2, length: 5, frozen }, 11);
      for (const parameter of whole.parameters) {
        core.write('weights', parameter, whole.read('weights', parameter));
      }
      assert.is(await core.accumulate(batch, { scale: 1 }), loss);
      const names = core.parameters.map(({ name }) => name);
      assert.ok(names.length > 0 && names.length < want.size);
      for (const [name, gradient] of gradientsOf(core)) assert.equal(gradient, want.get(name), name);
      await trainStep(core, [batch], { step: 1, learningRate: 0.1 });
      for (const parameter of core.frozen) {
        assert.equal(core.read('weights', parameter), whole.read('weights', parameter), parameter.name);
      }
      core.dispose();
    }
  }
});

test('a frozen encoder takes its states in place of pixels', async () => {
  for (const captioner of [ODD, SAME_WIDTH]) {
    const { core, weights } = await randomCaptioner(
      captioner,
      { batch: 2, length: 5, frozen: ['encoder'] },
      13,
    );
    const { pixels, ...batch } = captionedBatch(captioner, 2, 5, 14);
    const loss = await core.accumulate({ ...batch, pixels }, { scale: 1 });
    const want = state(core, 'gradients');
    // The states before the last matrix, which may be trained.
    const { encoder } = captioner;
    const config = { ...encoder!, outputChannels: undefined };
    const floats = new Map(Array.from(weights, ([name, values]) => [name, Float32Array.from(values)]));
    const inference = await loadEncoder(config, floats);
    const size = pixels!.length / 2;
    const states = new Float32Array(2 * stateCount(config) * config.channels);
    for (const image of [0, 1]) {
      const own = await inference.encode(pixels!.subarray(image * size, (image + 1) * size));
      states.set(own, image * own.length);
    }
    const { core: second } = await randomCaptioner(
      captioner,
      { batch: 2, length: 5, frozen: ['encoder'] },
      13,
    );
    const given = await second.accumulate({ ...batch, states }, { scale: 1 });
    assert.ok(Math.abs(given - loss) < 1e-5 * loss, `${given} ${loss}`);
    state(second, 'gradients').forEach((values, i) => {
      const difference = norm(values.map((value, j) => value - want[i]![j]!));
      assert.ok(difference <= 1e-4 * norm(want[i]!) + 1e-5, core.parameters[i]!.name);
    });
    for (const one of [core, second, inference]) one.dispose();
  }
});

/** The weight of a matrix with its adapter, and the gradients of A and B by the chain rule from that of the whole. */
function merged(
  core: TrainCore,
  parameter: Parameter,
  dw: Float32Array | undefined,
  { rank, alpha }: LoraShape,
) {
  const [K, N] = matrixSizes(parameter);
  const pair = loraParameters(parameter, rank);
  const [a, b] = [core.read('weights', pair.a), core.read('weights', pair.b)];
  const whole = core.read('weights', parameter);
  const [da, db] = [new Float64Array(rank * K), new Float64Array(N * rank)];
  for (let k = 0; k < K; k++) {
    for (let n = 0; n < N; n++) {
      const at = parameter.kind === 'linear' ? n * K + k : k * N + n;
      for (let r = 0; r < rank; r++) {
        whole[at]! += (alpha / rank) * a[r * K + k]! * b[n * rank + r]!;
        da[r * K + k]! += (alpha / rank) * (dw?.[at] ?? 0) * b[n * rank + r]!;
        db[n * rank + r]! += (alpha / rank) * (dw?.[at] ?? 0) * a[r * K + k]!;
      }
    }
  }
  return { pair, whole, da, db };
}

for (const build of BUILDS) {
  test(`${build}: an adapter of any matrices of a captioner has the losses of the merged model, and gradients by the chain rule`, () =>
    holds(
      `${build}: adapters of captioners`,
      captioners,
      async ({ batch: B, length: T, seed, ...captioner }) => {
        const random = randomSource(seed);
        const lora: LoraShape = {
          rank: 1 + random.below(18),
          alpha: 1 + random.below(5),
          targets: CAPTION_LORA_TARGETS.filter(
            (_, i) => i === seed % CAPTION_LORA_TARGETS.length || random.below(2),
          ),
        };
        const shape = { batch: B, length: T, recompute: seed % 2 === 1 };
        const { core } = await randomCaptioner(captioner, { ...shape, lora }, seed, build);
        const { core: whole } = await randomCaptioner(captioner, shape, seed, build);
        const changed = new Set(targetsOf(captioner.config, { lora, encoder: captioner.encoder }));
        for (const parameter of whole.parameters) {
          const isChanged = [...changed].some(({ name }) => name === parameter.name);
          const values = isChanged
            ? merged(core, parameter, undefined, lora).whole
            : core.read('weights', parameter);
          whole.write('weights', parameter, values);
        }
        const batch = captionedBatch(captioner, B, T, seed + 1);
        const options = { scale: 1, seed: 3, microbatch: 4, ...(seed % 3 === 0 && { dropout: DROPOUT }) };
        const want = await whole.accumulate(batch, options);
        const got = await core.accumulate(batch, options);
        assert.ok(Math.abs(got - want) <= 1e-4 * want + 1e-5, `loss ${got}, not ${want}`);
        const gradients = gradientsOf(whole);
        const largest = largestOf(gradients.values());
        for (const parameter of changed) {
          const { pair, da, db } = merged(core, parameter, gradients.get(parameter.name), lora);
          for (const [half, chained] of [
            [pair.a, da],
            [pair.b, db],
          ] as const) {
            const found = core.read('gradients', half);
            const difference = norm(found.map((value, i) => value - chained[i]!));
            const size = norm(Float32Array.from(chained));
            assert.ok(difference <= 1e-3 * size + 1e-3 * largest, `${half.name}: ${difference} of ${size}`);
          }
        }
        for (const one of [core, whole]) one.dispose();
      },
      6,
    ));
}

test('the estimate is the memory that training a captioner takes', async () => {
  for (const [title, { config, encoder }, more] of SHAPES) {
    for (const threads of [1, 2]) {
      const shape = { batch: 4, length: 12, ...more, encoder };
      const core = await TrainCore.create({ config, build: 'simd', shape, threads });
      const { total } = estimateTrainingMemory(config, shape, threads);
      const { memoryBytes } = core;
      assert.ok(memoryBytes >= total && memoryBytes <= total + 2 ** 18, `${title}: ${memoryBytes}, ${total}`);
      core.dispose();
    }
  }
});

test('batches and shapes that do not fit the model are refused by name', async () => {
  const { config, encoder } = ODD;
  const { core } = await randomCaptioner(ODD, { batch: 2, length: 5 }, 15);
  const { pixels, ...rest } = captionedBatch(ODD, 2, 5, 16);
  const states = new Float32Array(2 * stateCount(encoder!) * encoder!.channels);
  for (const [more, words] of [
    [{}, 'no pixels'],
    [{ pixels, states }, 'pixels and states'],
    [{ states }, 'encoder is trained'],
    [{ pixels: pixels!.subarray(1) }, 'numbers; the batch has'],
    [{ pixels: pixels!.map((x, i) => (i === 3 ? NaN : x)) }, 'not finite'],
    [{ pixels: [1, 2, 3] as unknown as Float32Array }, 'Float32Array'],
  ] as const) {
    await thrown(() => core.evaluate({ ...rest, ...more }), 'invalid-option', words);
  }
  await thrown(async () => core.stateGradients(), 'invalid-option', 'encoder of its own');
  core.dispose();
  const plain = { ...config, crossAttention: false };
  const refused: [typeof config, object, string][] = [
    [config, {}, 'cross-attention'],
    [config, { encoder, states: 4 }, 'either encoder'],
    [plain, { encoder }, 'does not have'],
    [config, { states: 0 }, 'states is 0'],
    [config, { encoder: { ...encoder, outputChannels: undefined } }, 'outputChannels'],
    [config, { encoder: { ...encoder, imageSize: [2, 9] } }, 'patchSize'],
    [config, { encoder: { ...encoder, heads: 5 } }, 'encoder.heads'],
    [config, { states: 3, frozen: ['encoder', 'cross', 'decoder'] }, 'nothing'],
    [config, { states: 3, frozen: ['head'] }, 'frozen'],
    [config, { states: 3, lora: { rank: 2, alpha: 2, targets: ['attention.attention.query'] } }, 'targets'],
  ];
  for (const [model, more, words] of refused) {
    const shape = { batch: 2, length: 5, ...more } as TrainingShape;
    await thrown(() => TrainCore.create({ config: model, build: 'simd', shape }), 'invalid-option', words);
  }
});

test.run();
