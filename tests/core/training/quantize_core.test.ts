import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelConfig } from '../../../src/architecture/gpt2/config.js';
import { LORA_TARGETS } from '../../../src/architecture/gpt2/lora.js';
import type { Parameter } from '../../../src/architecture/gpt2/parameters.js';
import { estimateTrainingMemory } from '../../../src/core/training/layout.js';
import type { TrainingShape } from '../../../src/core/training/shape.js';
import { TrainCore } from '../../../src/core/training/train_core.js';
import { QUANTIZED_FORMATS } from '../../../src/dtypes/quantized_formats.js';
import type { QuantizedFormat } from '../../../src/dtypes/weight_formats.js';
import { trainStep } from '../../../src/train/step.js';
import { holds } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { BUILDS } from '../../support/relaxed.js';
import { SMALL_CONFIG } from '../../support/small_model.js';
import { thrown } from '../../support/thrown.js';
import { DROPOUT, loadTrainCore, randomBatch, SHAPE, sameOnThreads, state } from '../../support/training.js';

type RandomSource = ReturnType<typeof randomSource>;

const LORA = { rank: 3, alpha: 5, targets: LORA_TARGETS };

const weightsOf = (core: TrainCore) => [...core.parameters, ...core.frozen];

/** Copies the numbers that the passes of a core compute with to one that keeps them in f32. */
function copyUsed(from: TrainCore, to: TrainCore): void {
  for (const parameter of weightsOf(from)) to.write('weights', parameter, from.readUsed(parameter));
}

/** Makes a new adapter change something. */
function fillAdapter(core: TrainCore): void {
  const random = randomSource(1);
  for (const parameter of core.parameters) {
    const values = core.read('weights', parameter).map(() => 0.6 * (random.uniform() - 0.5));
    core.write('weights', parameter, values);
  }
}

/** An update that only clears the gradients. */
const CLEAR = {
  ...{ learningRate: 0, step: 1, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, gradientScale: 1 },
};

/** Losses and gradients of a batch. */
async function pass(core: TrainCore): Promise<unknown> {
  const batch = randomBatch(2, core.config.vocabSize, 3, 17);
  const options = { scale: 1 / 40, dropout: DROPOUT, seed: 3, microbatch: 4 };
  const loss = await core.accumulate(batch, options);
  const results = [loss, core.losses(), state(core, 'gradients'), await core.evaluate(batch)];
  await core.update(CLEAR);
  return results;
}

const CASES: [string, QuantizedFormat, Partial<TrainingShape>][] = [
  ['odd-sizes', 'q4', {}],
  ['odd-sizes', 'q8', { recompute: true }],
  ['untied-head', 'q4', { recompute: true }],
  ['wide-head', 'q8', {}],
];

for (const build of BUILDS) {
  for (const [name, quantize, more] of CASES) {
    const title = `${build}: ${name} in ${quantize}`;

    test(`${title}: losses and gradients are those of the packed numbers in f32, bit for bit`, async () => {
      const core = await loadTrainCore(name, build, { ...SHAPE, ...more, quantize });
      const reference = await loadTrainCore(name, build, { ...SHAPE, ...more });
      assert.equal(await pass(core), await pass(reference), 'f32 until it is quantized');
      const step = { learningRate: 1e-2, dropout: DROPOUT };
      await trainStep(core, [randomBatch(1, core.config.vocabSize)], { ...step, step: 1 });
      core.quantize();
      assert.is(core.weights, quantize);
      for (let i = 2; i < 4; i++) {
        copyUsed(core, reference);
        const masters = core.read('weights', core.parameters[0]!);
        assert.not.equal(reference.read('weights', core.parameters[0]!), masters);
        assert.equal(await pass(core), await pass(reference));
        await trainStep(core, [randomBatch(i, core.config.vocabSize)], { ...step, step: i });
      }
      core.dispose();
      reference.dispose();
    });

    test(`${title}: an adapter beside packed weights has the gradients of those numbers in f32`, async () => {
      const core = await loadTrainCore(name, build, { ...SHAPE, ...more, quantize, lora: LORA });
      const reference = await loadTrainCore(name, build, { ...SHAPE, ...more, lora: LORA });
      assert.is(core.weights, quantize);
      fillAdapter(core);
      copyUsed(core, reference);
      assert.equal(await pass(core), await pass(reference));
      core.dispose();
      reference.dispose();
    });
  }
}

for (const lora of [undefined, LORA]) {
  test(`one, two and three threads have the same bits with packed weights${lora ? ' and an adapter' : ''}`, () =>
    sameOnThreads(async (threads) => {
      const core = await loadTrainCore('odd-sizes', 'simd', { ...SHAPE, quantize: 'q4', lora }, threads);
      core.quantize();
      return core;
    }));
}

/** A model whose matrices end within a block and within a panel. */
const ODD: ModelConfig = {
  ...SMALL_CONFIG,
  vocabSize: 37,
  channels: 36,
  innerChannels: 50,
  layers: 1,
  tiedHead: false,
};

/** Numbers that a quantizer meets rarely: few that are not 0, ties, outliers, scales below normal half precision. */
const KINDS: readonly ((random: RandomSource) => () => number)[] = [
  (random) => () => random.uniform() - 0.5,
  (random) => () => (random.uniform() - 0.5) * 2 ** -(14 + random.below(12)),
  (random) => () => (random.below(10) === 0 ? 1 : 0.02) * (random.uniform() - 0.5),
  (random) => () => (random.below(12) === 0 ? random.uniform() - 0.5 : 0),
  (random) => {
    const size = random.uniform();
    return () => size * random.below(2);
  },
  (random) => {
    const [size, count] = [random.uniform(), 1 + random.below(16)];
    return () => size * (random.below(count) - (count >> 1));
  },
  () => () => 0,
  (random) => () => 1e5 * (random.uniform() - 0.5),
];

const fillRandom = (core: TrainCore, parameter: Parameter, seed: number) => {
  const random = randomSource(seed);
  const draw = Array.from({ length: 5 }, () => KINDS[random.below(KINDS.length)]!(random));
  const length = parameter.shape.reduce((product, size) => product * size);
  core.write(
    'weights',
    parameter,
    Float32Array.from({ length }, () => draw[random.below(draw.length)]!()),
  );
};

test('packing the numbers that are used gives the same numbers', async () => {
  for (const quantize of QUANTIZED_FORMATS) {
    const shape = { batch: 1, length: 4, quantize };
    const core = await TrainCore.create({ config: ODD, build: 'simd', shape, threads: 1 });
    // Frozen weights are packed as loading packs them.
    const frozen = { ...shape, lora: LORA };
    const loaded = await TrainCore.create({ config: ODD, build: 'simd', shape: frozen, threads: 1 });
    core.quantize();
    await holds(
      `numbers of ${quantize} stay`,
      fc.integer(),
      async (seed) => {
        for (const [i, parameter] of core.parameters.entries()) fillRandom(core, parameter, seed + i);
        for (const parameter of core.parameters) {
          const used = core.readUsed(parameter);
          loaded.write('weights', parameter, used);
          assert.equal(loaded.read('weights', parameter), used, parameter.name);
        }
      },
      15,
    );
    core.dispose();
    loaded.dispose();
  }
});

test('one number repeated keeps its value, whatever its scale and how often it occurs', async () => {
  const config = { ...ODD, vocabSize: 1024, channels: 32, heads: 4 };
  const shape = { batch: 1, length: 4, quantize: 'q4' as const };
  const core = await TrainCore.create({ config, build: 'simd', shape, threads: 1 });
  const loaded = await TrainCore.create({
    config,
    build: 'simd',
    shape: { ...shape, lora: LORA },
    threads: 1,
  });
  core.quantize();
  const [wte] = core.parameters;
  for (const count of [1, 2, 5, 31]) {
    // Row r has a number whose scale has r as its mantissa.
    const values = Float32Array.from(
      { length: 1024 * 32 },
      (_, i) => (i % 32 < count ? 1024 + (i >> 5) : 0) * -(2 ** -9),
    );
    core.write('weights', wte!, values);
    const used = core.readUsed(wte!);
    loaded.write('weights', wte!, used);
    assert.equal(loaded.read('weights', wte!), used);
    assert.ok(used.every((value, i) => Math.abs(value - values[i]!) <= Math.abs(values[i]!) * 2 ** -8));
  }
  core.dispose();
  loaded.dispose();
});

test('weights that the format cannot hold give losses that are not numbers, and no others', async () => {
  const core = await loadTrainCore('odd-sizes', 'simd', { ...SHAPE, quantize: 'q4' });
  const batch = randomBatch(1, core.config.vocabSize);
  const [wte] = core.parameters;
  const good = core.read('weights', wte!);
  core.quantize();
  for (const bad of [1e6, -3e38]) {
    core.write(
      'weights',
      wte!,
      good.map((value, i) => (i === 5 ? bad : value)),
    );
    assert.ok(Number.isNaN(await core.evaluate(batch)), String(bad));
  }
  core.write('weights', wte!, good);
  assert.ok(Number.isFinite(await core.evaluate(batch)));
  core.dispose();
});

test('packed rows are written in whole blocks', async () => {
  const core = await loadTrainCore('odd-sizes', 'simd', { ...SHAPE, quantize: 'q8', lora: LORA });
  const matrix = core.frozen.find(({ kind }) => kind === 'conv1d')!;
  const values = new Float32Array(matrix.shape[1]!);
  const { message } = await thrown(async () => core.write('weights', matrix, values, 1), 'invalid-option');
  assert.match(message, /whole blocks; give a multiple of 32/);
  core.dispose();
});

test('a format that cannot be is refused by name', async () => {
  const create = (shape: object) =>
    TrainCore.create({ config: SMALL_CONFIG, build: 'simd', shape: { ...SHAPE, ...shape }, threads: 1 });
  for (const quantize of ['f32', 'q5', 4, null]) {
    const { message } = await thrown(() => create({ quantize }), 'invalid-option');
    assert.match(message, /quantize is .*'q8' or 'q4'/);
  }
  const core = await create({});
  const { message } = await thrown(async () => core.quantize(), 'invalid-option');
  assert.match(message, /no format/);
  core.dispose();
});

test('the estimate is what training takes', async () => {
  for (const lora of [undefined, LORA]) {
    for (const quantize of QUANTIZED_FORMATS) {
      const shape = { ...SHAPE, quantize, lora };
      const core = await TrainCore.create({ config: SMALL_CONFIG, build: 'simd', shape, threads: 1 });
      const { total } = estimateTrainingMemory(SMALL_CONFIG, shape);
      assert.ok(core.memoryBytes >= total && core.memoryBytes <= total + 2 * 65_536, `${core.memoryBytes}`);
      core.dispose();
    }
  }
});

test('a frozen matrix of fewer rows than a block is read and written', async () => {
  const config: ModelConfig = {
    ...SMALL_CONFIG,
    ...{ vocabSize: 2, contextLength: 130, channels: 2, layers: 1, heads: 1, innerChannels: 32 },
    tiedHead: false,
  };
  const lora = { rank: 3, alpha: 6, targets: LORA_TARGETS };
  const shape = { batch: 2, length: 7, quantize: 'q4', lora } as const;
  const core = await TrainCore.create({ config, build: 'simd', shape, threads: 1 });
  const matrix = core.frozen.find(({ name }) => name === 'h.0.mlp.c_fc.weight')!;
  core.write('weights', matrix, new Float32Array(64).fill(-8));
  assert.equal(core.read('weights', matrix), new Float32Array(64).fill(-8));
  core.dispose();
});

test.run();
