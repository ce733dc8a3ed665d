import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseConfig } from '../../../src/architecture/gpt2/config.js';
import type { Parameter } from '../../../src/architecture/gpt2/parameters.js';
import type { Build } from '../../../src/core/binary.js';
import { estimateTrainingMemory } from '../../../src/core/training/layout.js';
import type { TrainingShape } from '../../../src/core/training/shape.js';
import { TrainCore } from '../../../src/core/training/train_core.js';
import { trainStep } from '../../../src/train/step.js';
import { LiteralMuon, singularValues } from '../../support/literal_muon.js';
import { holds } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { BUILDS } from '../../support/relaxed.js';
import { thrown } from '../../support/thrown.js';
import { DROPOUT, loadTrainCore, randomBatch, SHAPE, sameOnThreads, state } from '../../support/training.js';

interface Expected {
  readonly channels: number;
  readonly inner_channels: number;
  readonly learning_rate: number;
  readonly weight_decay: number;
  readonly largest_f32_error: number;
  readonly weights: Readonly<Record<string, string>>;
  readonly gradients: readonly Readonly<Record<string, string>>[];
  readonly after: readonly Readonly<Record<string, string>>[];
  readonly moments: Readonly<Record<string, string>>;
}

const expected: Expected = JSON.parse(
  readFileSync(new URL('../../fixtures/muon/expected.json', import.meta.url), 'utf8'),
);
const decoded = (text: string) => new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);

const ADAMW = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, gradientScale: 1 };
const MUON: TrainingShape = { ...SHAPE, optimizer: 'muon' };

interface Sizes {
  readonly channels: number;
  readonly inside: number;
}

/** A model of one layer, whose weights are 0. */
function smallCore(
  { channels, inside }: Sizes,
  build: Build = 'simd',
  shape: Partial<TrainingShape> = {},
  threads = 1,
) {
  const sizes = { vocab_size: 30, n_positions: 12, n_embd: channels, n_inner: inside, n_layer: 1, n_head: 1 };
  const config = parseConfig({ model_type: 'gpt2', ...sizes }, 'test');
  const planned: TrainingShape = { batch: 2, length: 6, optimizer: 'muon', ...shape };
  return TrainCore.create({ config, build, threads, shape: planned });
}

const isMatrix = ({ kind }: Parameter) => kind === 'conv1d';
const countOf = ({ name }: Parameter) => (name.endsWith('.attn.c_attn.weight') ? 3 : 1);

/** Numbers that are spread evenly over -most..most. */
function randomNumbers(seed: number, length: number, most = 1): Float32Array {
  const random = randomSource(seed);
  return Float32Array.from({ length }, () => (2 * random.uniform() - 1) * most);
}

/** Writes random numbers to a part of all parameters. */
function fill(core: TrainCore, part: 'weights' | 'gradients', seed: number, most = 1): void {
  for (const [i, parameter] of core.parameters.entries()) {
    const length = parameter.shape.reduce((a, b) => a * b);
    core.write(part, parameter, randomNumbers(seed + i, length, most));
  }
}

const largest = (values: Float32Array) =>
  values.reduce((most, value) => Math.max(most, Number.isNaN(value) ? Infinity : Math.abs(value)), 0);

for (const build of BUILDS) {
  test(`${build}: three steps are those of PyTorch, up to the rounding of single precision`, async () => {
    const sizes = { channels: expected.channels, inside: expected.inner_channels };
    const core = await smallCore(sizes, build);
    const matrices = core.parameters.filter(isMatrix);
    for (const matrix of matrices) core.write('weights', matrix, decoded(expected.weights[matrix.name]!));
    const { learning_rate: learningRate, weight_decay: weightDecay } = expected;
    for (const [i, gradients] of expected.gradients.entries()) {
      for (const matrix of matrices) core.write('gradients', matrix, decoded(gradients[matrix.name]!));
      await core.update({ ...ADAMW, step: i + 1, learningRate, weightDecay });
      for (const matrix of matrices) {
        const want = decoded(expected.after[i]![matrix.name]!);
        const error = largest(core.read('weights', matrix).map((value, at) => value - want[at]!));
        // PyTorch's sums have another order.
        assert.ok(error < 8 * expected.largest_f32_error, `step ${i + 1}, ${matrix.name}: ${error}`);
      }
    }
    for (const matrix of matrices) {
      const want = decoded(expected.moments[matrix.name]!);
      const error = largest(core.read('firstMoments', matrix).map((value, at) => value - want[at]!));
      assert.ok(error < 1e-7, `moment of ${matrix.name}: ${error}`);
    }
    core.dispose();
  });

  test(`${build}: a run that was stopped and resumed is the run that went through, bit for bit`, async () => {
    const step = (core: TrainCore, number: number) => {
      const batches = [2 * number, 2 * number + 1].map((i) => randomBatch(i, core.config.vocabSize, 2, 20));
      return trainStep(core, batches, { learningRate: 1e-3, dropout: DROPOUT, seed: 8, step: number });
    };
    const through = await loadTrainCore('odd-sizes', build, MUON);
    for (const number of [1, 2, 3]) await step(through, number);
    const before = await loadTrainCore('odd-sizes', build, MUON);
    await step(before, 1);
    const after = await TrainCore.create({ config: before.config, build, shape: MUON, threads: 1 });
    for (const parameter of before.parameters) {
      for (const part of before.partsOf(parameter))
        after.write(part, parameter, before.read(part, parameter));
    }
    for (const number of [2, 3]) await step(after, number);
    for (const part of ['weights', 'firstMoments'] as const)
      assert.equal(state(after, part), state(through, part));
    for (const core of [through, before, after]) core.dispose();
  });
}

test('steps are those of the definition in double precision, for any sizes and scale of gradients', async () => {
  const inputs = fc.record({
    channels: fc.integer({ min: 1, max: 40 }),
    inside: fc.integer({ min: 1, max: 70 }),
    magnitude: fc.integer({ min: -12, max: 12 }),
    seed: fc.nat(),
  });
  const examples = [
    { channels: 1, inside: 1, magnitude: 0, seed: 1 },
    { channels: 33, inside: 17, magnitude: -12, seed: 2 },
    { channels: 16, inside: 64, magnitude: 12, seed: 3 },
  ];
  const check = async ({ channels, inside, magnitude, seed }: (typeof examples)[number]) => {
    const core = await smallCore({ channels, inside });
    fill(core, 'weights', seed, 0.1);
    const matrices = core.parameters.filter(isMatrix);
    const literals = matrices.map(
      (matrix) => new LiteralMuon(core.read('weights', matrix), matrix.shape[0]!, countOf(matrix)),
    );
    for (let step = 1; step <= 2; step++) {
      fill(core, 'gradients', seed + 100 * step, 10 ** magnitude);
      for (const [i, matrix] of matrices.entries()) {
        literals[i]!.step(core.read('gradients', matrix), 0.01, 0.2);
      }
      await core.update({ ...ADAMW, step, learningRate: 0.01, weightDecay: 0.2 });
      for (const [i, matrix] of matrices.entries()) {
        const { weight } = literals[i]!;
        const size = 0.01 * 0.2 * Math.sqrt(Math.max(...matrix.shape));
        const error = largest(core.read('weights', matrix).map((value, at) => value - weight[at]!));
        // Rounding errors grow with the small singular values: by 3.4445^5 at most.
        assert.ok(error < 1e-4 * size, `step ${step}, ${matrix.name}: ${error} of ${size}`);
        assert.is(largest(core.read('gradients', matrix)), 0);
      }
    }
    core.dispose();
  };
  await holds('a step of Muon', inputs, check, 8, examples);
});

test('singular values of an update are those of the momentum after five turns of the quintic, near 1', async () => {
  const quintic = (x: number) => 3.4445 * x - 4.775 * x ** 3 + 2.0315 * x ** 5;
  const core = await smallCore({ channels: 20, inside: 50 });
  fill(core, 'gradients', 3);
  const fc = core.parameters.find(({ name }) => name === 'h.0.mlp.c_fc.weight')!;
  const before = singularValues(core.read('gradients', fc), 20, 50);
  const norm = Math.hypot(...before);
  const want = before.map((value) => [1, 2, 3, 4, 5].reduce(quintic, value / norm)).sort((a, b) => b - a);
  await core.update({ ...ADAMW, step: 1, learningRate: 1, weightDecay: 0 });
  const update = core.read('weights', fc).map((value) => value / (-0.2 * Math.sqrt(50)));
  for (const [i, value] of singularValues(update, 20, 50).entries()) {
    assert.ok(Math.abs(value - want[i]!) < 1e-4, `${value} ${want[i]}`);
    // Extreme values of the quintic where its values lie.
    assert.ok(value > 0.68 && value < 1.21, `${value}`);
  }
  core.dispose();
});

test('gradients of zero, of rank one, and of any size give finite weights', async () => {
  for (const sizes of [
    { channels: 1, inside: 5 },
    { channels: 18, inside: 1 },
    { channels: 18, inside: 37 },
  ]) {
    const core = await smallCore(sizes);
    fill(core, 'weights', 1);
    const before = state(core, 'weights');
    await core.update({ ...ADAMW, step: 1, learningRate: 0.1, weightDecay: 0.5 });
    for (const [i, matrix] of core.parameters.entries()) {
      if (!isMatrix(matrix)) continue;
      const decayed = before[i]!.map((value) => value * Math.fround(1 - 0.1 * 0.5));
      assert.equal(core.read('weights', matrix), decayed, 'without gradients, weights only decay');
    }
    for (const size of [1e-45, 1e-30, 1, 1e15]) {
      for (const [i, parameter] of core.parameters.entries()) {
        const [rows, columns = 1] = parameter.shape as [number, number?];
        const right = randomNumbers(i, columns);
        const values = Float32Array.from(randomNumbers(i + 50, rows * columns), (value, at) =>
          size === 1 ? value : size * right[at % columns]!,
        );
        core.write('gradients', parameter, values);
      }
      await core.update({ ...ADAMW, step: 2, learningRate: 0.1, weightDecay: 0.5 });
      for (const values of state(core, 'weights')) assert.ok(largest(values) < 100, `${size}`);
    }
    core.dispose();
  }
});

test('2 and 3 threads train with the bits of one', async () => {
  for (const name of ['odd-sizes', 'untied-head']) {
    await sameOnThreads((threads) => loadTrainCore(name, 'simd', MUON, threads));
  }
  const update = async (threads: number) => {
    const core = await smallCore({ channels: 100, inside: 210 }, 'simd', {}, threads);
    fill(core, 'gradients', 4);
    await core.update({ ...ADAMW, step: 1, learningRate: 1, weightDecay: 0 });
    const weights = state(core, 'weights');
    core.dispose();
    return weights;
  };
  const one = await update(1);
  for (const threads of [2, 3]) assert.equal(await update(threads), one);
});

test('other weights are updated by AdamW, with the bits of a run without Muon', async () => {
  const [muon, adamw] = await Promise.all(
    (['muon', 'adamw'] as const).map(async (optimizer) => {
      const core = await smallCore({ channels: 20, inside: 30 }, 'simd', { optimizer });
      for (const step of [1, 2]) {
        fill(core, 'gradients', step);
        await core.update({ ...ADAMW, step, learningRate: 0.1, weightDecay: 0.3 });
      }
      return core;
    }),
  );
  for (const parameter of muon!.parameters) {
    const parts = muon!.partsOf(parameter);
    assert.is(parts.length, isMatrix(parameter) ? 3 : 4, parameter.name);
    if (isMatrix(parameter)) continue;
    for (const part of parts) assert.equal(muon!.read(part, parameter), adamw!.read(part, parameter), part);
  }
});

test('queries, keys and values are matrices of their own, and those of states too', async () => {
  const sizes = {
    vocab_size: 30,
    n_positions: 12,
    n_embd: 10,
    n_layer: 1,
    n_head: 1,
    add_cross_attention: true,
  };
  const config = parseConfig({ model_type: 'gpt2', ...sizes }, 'test');
  const shape: TrainingShape = { batch: 1, length: 4, states: 3, optimizer: 'muon' };
  const core = await TrainCore.create({ config, build: 'simd', shape, threads: 1 });
  fill(core, 'gradients', 9);
  const gradients = new Map(
    core.parameters.map((parameter) => [parameter.name, core.read('gradients', parameter)]),
  );
  await core.update({ ...ADAMW, step: 1, learningRate: 1, weightDecay: 0 });
  const counts = { 'crossattention.c_attn': 2, 'crossattention.q_attn': 1, 'attn.c_attn': 3 };
  for (const [name, count] of Object.entries(counts)) {
    const parameter = core.parameters.find((own) => own.name === `h.0.${name}.weight`)!;
    const literal = new LiteralMuon(new Float32Array(10 * 10 * count), 10, count);
    literal.step(gradients.get(parameter.name)!, 1, 0);
    const error = largest(core.read('weights', parameter).map((value, i) => value - literal.weight[i]!));
    assert.ok(error < 1e-4, `${name}: ${error}`);
  }
  core.dispose();
});

test('the matrices have no second moments, which saves their memory', async () => {
  const core = await loadTrainCore('odd-sizes', 'simd', MUON);
  const { config } = core;
  const muon = estimateTrainingMemory(config, MUON);
  const adamw = estimateTrainingMemory(config, SHAPE);
  const matrix = core.parameters.find(isMatrix)!;
  assert.ok(muon.moments < 0.75 * adamw.moments, `${muon.moments} ${adamw.moments}`);
  assert.is(adamw.moments, 2 * adamw.gradients);
  assert.ok(core.memoryBytes >= muon.total && core.memoryBytes <= muon.total + 2 * 65_536);
  await thrown(() => core.read('secondMoments', matrix), 'invalid-option', 'secondMoments of h.0', 'Muon');
  await thrown(() => core.partsOf({ ...matrix, name: 'x' }), 'invalid-option', 'parameters or frozen');
  core.dispose();
});

test('a core refuses another optimizer than its own, and Muon where no matrix of a layer is trained', async () => {
  const core = await loadTrainCore('base', 'simd', SHAPE);
  const batch = randomBatch(1, core.config.vocabSize);
  const step = (optimizer: unknown) =>
    trainStep(core, [batch], { step: 1, learningRate: 1, optimizer } as Parameters<typeof trainStep>[2]);
  await thrown(() => step('muon'), 'invalid-option', 'optimizer is "muon"', "'adamw'");
  await thrown(() => step(5), 'invalid-option', "'adamw' or 'muon'");
  await step('adamw');
  const lora = { rank: 2, alpha: 4, targets: ['attn.c_attn'] as const };
  const adapter = () => estimateTrainingMemory(core.config, { ...MUON, lora });
  await thrown(adapter, 'invalid-option', 'optimizer is "muon"', 'no matrix of a layer is trained');
  const unknown = { ...SHAPE, optimizer: 'sgd' } as unknown as TrainingShape;
  await thrown(() => estimateTrainingMemory(core.config, unknown), 'invalid-option', "'adamw' or 'muon'");
  core.dispose();
});

test.run();
