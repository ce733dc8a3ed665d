import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseConfig } from '../../../src/architecture/gpt2/config.js';
import type { Batch } from '../../../src/core/training/batch.js';
import { estimateTrainingMemory } from '../../../src/core/training/layout.js';
import type { TrainingPart } from '../../../src/core/training/state.js';
import { TrainCore } from '../../../src/core/training/train_core.js';
import { trainStep } from '../../../src/train/step.js';
import { loadCore } from '../../support/checkpoints.js';
import { randomSource } from '../../support/random.js';
import { BUILDS } from '../../support/relaxed.js';
import { thrown } from '../../support/thrown.js';
import {
  DROPOUT,
  loadTrainCore,
  norm,
  randomBatch,
  SHAPE,
  sameOnThreads,
  state,
} from '../../support/training.js';

/** The sequences first.. first + count - 1 of a batch. */
function sequencesOf({ length, tokens, targets }: Batch, first: number, count: number): Batch {
  const cut = (ids: ArrayLike<number>) => Array.from(ids).slice(first * length, (first + count) * length);
  return { batch: count, length, tokens: cut(tokens), targets: cut(targets) };
}

function copyPart(from: TrainCore, to: TrainCore, part: TrainingPart): void {
  for (const parameter of from.parameters) {
    const half = parameter.kind === 'vector' ? 0 : Math.floor(parameter.shape[0]! / 2);
    if (half > 0) to.write(part, parameter, from.read(part, parameter, 0, half));
    to.write(part, parameter, from.read(part, parameter, half), half);
  }
}

test('gradients of embeddings are, of one sequence, those of its positions', async () => {
  const core = await loadTrainCore('odd-sizes', 'simd', SHAPE);
  const { tokens, targets, length } = randomBatch(1, core.config.vocabSize, 1, 9);
  await core.accumulate({ batch: 1, length, tokens, targets }, { scale: 1 / 9 });
  const found = core.embeddingGradients();
  const wpe = core.parameters.find(({ name }) => name === 'wpe.weight')!;
  assert.equal(found, core.read('gradients', wpe, 0, length));
  assert.ok(found.every((value) => value !== 0));
  core.dispose();
});

for (const build of BUILDS) {
  test(`${build}: a batch's losses are those that inference finds`, async () => {
    const core = await loadTrainCore('odd-sizes', build, SHAPE);
    const batch = randomBatch(1, core.config.vocabSize, 3, 17);
    const sum = await core.evaluate(batch);
    const losses = core.losses();
    assert.is(losses.length, 51);
    const inference = await loadCore('odd-sizes', build);
    let total = 0;
    for (let b = 0; b < 3; b++) {
      const { tokens } = sequencesOf(batch, b, 1);
      await inference.sequence('session').evaluate({
        tokens: Array.from(tokens),
        first: 0,
        read(row, t) {
          const target = batch.targets[b * 17 + t]!;
          const want = target < 0 ? 0 : row.logSumExp() - row.values[target]!;
          total += want;
          assert.ok(Math.abs(losses[b * 17 + t]! - want) < 1e-4, `${b} ${t}`);
        },
      });
    }
    assert.ok(Math.abs(sum - total) < 1e-3);
  });

  test(`${build}: gradients are the slopes of the loss along random directions, with dropout too`, async () => {
    for (const dropout of [undefined, { embedding: 0.5, attention: 0.4, residual: 0.3 }]) {
      const core = await loadTrainCore('untied-head', build, SHAPE);
      const batch = randomBatch(2, core.config.vocabSize, 3, 19);
      const options = { scale: 1 / 40, seed: 3, microbatch: 4, ...(dropout && { dropout }) };
      await core.accumulate(batch, options);
      const gradients = state(core, 'gradients');
      const weights = state(core, 'weights');
      const random = randomSource(5);
      for (const [i, parameter] of core.parameters.entries()) {
        // Few elements: a missing mask would not show in the mean of many.
        const share = Math.min(1, 40 / gradients[i]!.length);
        const direction = gradients[i]!.map((g) => (random.uniform() < share ? g : 0));
        // The change of the loss must be large against rounding and small against its curvature.
        const step = 0.02 / norm(direction);
        const lossAt = async (by: number) => {
          const moved = weights[i]!.map((w, j) => w + by * direction[j]!);
          core.write('weights', parameter, moved);
          return (await core.accumulate(batch, options)) / 40;
        };
        const slope = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step);
        await lossAt(0);
        const want = gradients[i]!.reduce((sum, g, j) => sum + g * direction[j]!, 0);
        const error = Math.abs(slope - want) / want;
        assert.ok(error < 0.02, `${parameter.name}: ${slope}, the gradient says ${want}`);
      }
    }
  });

  test(`${build}: gradients add up over batches`, async () => {
    const core = await loadTrainCore('base', build, SHAPE);
    const batch = randomBatch(6, core.config.vocabSize, 3, 20);
    await core.accumulate(batch, { scale: 0.1 });
    const whole = state(core, 'gradients');
    const parts = await loadTrainCore('base', build, SHAPE);
    await parts.accumulate(sequencesOf(batch, 0, 1), { scale: 0.1 });
    await parts.accumulate(sequencesOf(batch, 1, 2), { scale: 0.1 });
    state(parts, 'gradients').forEach((values, i) => {
      const difference = norm(values.map((value, j) => value - whole[i]![j]!));
      assert.ok(difference <= 1e-6 * norm(whole[i]!), core.parameters[i]!.name);
    });
  });

  test(`${build}: recomputing changes no bit`, async () => {
    const [kept, recomputed] = await Promise.all(
      [false, true].map(async (recompute) => {
        const core = await loadTrainCore('inverse-layer-idx', build, { ...SHAPE, recompute });
        await core.accumulate(randomBatch(7, core.config.vocabSize, 3, 20), { scale: 1, dropout: DROPOUT });
        return state(core, 'gradients');
      }),
    );
    assert.equal(recomputed, kept);
  });

  test(`${build}: a run that was stopped and resumed is the run that went through, bit for bit`, async () => {
    const options = { learningRate: 1e-3, dropout: DROPOUT, seed: 8 };
    const step = (core: TrainCore, number: number) => {
      const batches = [2 * number, 2 * number + 1].map((i) => randomBatch(i, core.config.vocabSize, 2, 20));
      return trainStep(core, batches, { ...options, step: number });
    };
    const through = await loadTrainCore('odd-sizes', build, SHAPE);
    const results = [];
    for (const number of [1, 2, 3, 4]) results.push(await step(through, number));
    const before = await loadTrainCore('odd-sizes', build, SHAPE);
    await step(before, 1);
    await step(before, 2);
    const after = await TrainCore.create({ config: before.config, build, shape: SHAPE, threads: 1 });
    for (const part of ['weights', 'firstMoments', 'secondMoments'] as const) copyPart(before, after, part);
    before.dispose();
    assert.equal([await step(after, 3), await step(after, 4)], results.slice(2));
    for (const part of ['weights', 'firstMoments', 'secondMoments'] as const) {
      assert.equal(state(after, part), state(through, part));
    }
  });

  test(`${build}: gradients are clipped by their norm`, async () => {
    const core = await loadTrainCore('base', build, SHAPE);
    const batch = randomBatch(9, core.config.vocabSize, 1, 20);
    const options = { step: 1, learningRate: 0, maxGradientNorm: 0.5 };
    const { gradientNorm } = await trainStep(core, [batch], options);
    assert.ok(gradientNorm > 1);
    assert.is(await core.gradientNorm(), 0);
    // The first moment is (1 - beta1) times the clipped gradient.
    const moments = Math.hypot(...state(core, 'firstMoments').map(norm));
    assert.ok(Math.abs(moments - 0.1 * 0.5) < 1e-5, `${moments}`);
  });
}

for (const build of BUILDS) {
  test(`${build}: 2 and 3 threads train with the bits of one`, async () => {
    for (const [name, recompute] of [
      ['odd-sizes', false],
      ['wide-head', true],
      ['untied-head', false],
    ] as const) {
      await sameOnThreads((threads) => loadTrainCore(name, build, { ...SHAPE, recompute }, threads));
    }
  });
}

test('a vocabulary whose logits need several tiles gives the gradients of one tile', async () => {
  const shape = { vocab_size: 900_001, n_positions: 40, n_embd: 4, n_layer: 1, n_head: 1 };
  const config = parseConfig({ model_type: 'gpt2', ...shape }, 'test');
  const batch = randomBatch(13, config.vocabSize, 4, 10);
  const gradients = async (parts: readonly Batch[]) => {
    const core = await TrainCore.create({
      config,
      build: 'simd',
      shape: { batch: 4, length: 10 },
      threads: 1,
    });
    const random = randomSource(14);
    // The embedding, 14 MB, takes more than one piece.
    for (const parameter of core.parameters) {
      const values = core.read('weights', parameter).map(() => random.uniform() - 0.5);
      core.write('weights', parameter, values);
      assert.equal(core.read('weights', parameter), values);
    }
    for (const part of parts) await core.accumulate(part, { scale: 1 });
    return state(core, 'gradients');
  };
  // 40 rows of logits are more than one tile, 10 are not.
  const whole = await gradients([batch]);
  const parts = await gradients([0, 1, 2, 3].map((i) => sequencesOf(batch, i, 1)));
  whole.forEach((values, i) => {
    const difference = norm(values.map((value, j) => value - parts[i]![j]!));
    assert.ok(norm(values) > 0 && difference <= 1e-5 * norm(values), `parameter ${i}: ${difference}`);
  });
});

test('dropout masks follow seed and microbatch, and zero rates drop nothing', async () => {
  const core = await loadTrainCore('base', 'simd', SHAPE);
  const batch = randomBatch(10, core.config.vocabSize, 2, 20);
  const loss = (seed: number, microbatch: number, dropout = DROPOUT) =>
    core.accumulate(batch, { scale: 1, seed, microbatch, dropout });
  assert.is(await loss(1, 2), await loss(1, 2));
  assert.is.not(await loss(1, 2), await loss(1, 3));
  assert.is.not(await loss(1, 2), await loss(2, 2));
  // The deprecated name of the option.
  assert.is(await core.accumulate(batch, { scale: 1, seed: 1, pass: 2, dropout: DROPOUT }), await loss(1, 2));
  const off = { embedding: 0, attention: 0, residual: 0 };
  const plain = await core.evaluate(batch);
  assert.is(await loss(1, 2, off), plain);
  for (const site of ['embedding', 'attention', 'residual'] as const) {
    assert.is.not(await loss(1, 2, { ...off, [site]: 0.5 }), plain, site);
  }
});

test('a batch without targets has no loss and no gradient', async () => {
  const core = await loadTrainCore('base', 'simd', SHAPE);
  const batch = { ...randomBatch(11, core.config.vocabSize, 1, 4), targets: [-1, -1, -1, -1] };
  const { loss, targets, gradientNorm } = await trainStep(core, [batch], { step: 1, learningRate: 1 });
  assert.equal([loss, targets, gradientNorm], [0, 0, 0]);
});

test('batches that do not fit are refused before anything is computed', async () => {
  const core = await loadTrainCore('base', 'simd', SHAPE);
  const good = randomBatch(12, core.config.vocabSize, 2, 3);
  for (const bad of [
    { batch: 4, length: 20 },
    { batch: 2, length: 21 },
    { batch: 0 },
    { batch: 1.5, length: 4 },
    { tokens: [1, 2, 3, 4, 5] },
    { tokens: [1, 2, 3, 4, 5, 97] },
    { tokens: [1, 2, 3, 4, 5, -1] },
    { tokens: [1, 2, 3, 4, 5, 0.5] },
    { targets: [1, 2, 3, 4, 5, 97] },
    { targets: [1, 2, 3, 4, 5, -2] },
  ]) {
    await thrown(() => core.evaluate({ ...good, ...bad }), 'invalid-option');
  }
  const dropout = { ...DROPOUT, residual: 1 };
  await thrown(() => core.accumulate(good, { scale: 1, dropout }), 'invalid-option', /rate is 1/);
  const call = core.evaluate(good);
  await thrown(() => core.read('weights', core.parameters[0]!), 'invalid-option', /under way/);
  await call;
  core.read('weights', core.parameters[0]!);
  core.dispose();
  await thrown(() => core.evaluate(good), 'disposed');
  for (const shape of [
    { batch: 0, length: 3 },
    { batch: 1, length: 65 },
    { batch: 1.5, length: 3 },
  ]) {
    await thrown(() => TrainCore.create({ config: core.config, build: 'simd', shape }), 'invalid-option');
  }
});

test('the estimate is the memory that training takes', async () => {
  for (const name of ['odd-sizes', 'wide-head', 'untied-head']) {
    for (const recompute of [false, true]) {
      const shape = { batch: 5, length: 48, recompute };
      const core = await loadTrainCore(name, 'simd', shape);
      const { total } = estimateTrainingMemory(core.config, shape);
      assert.ok(
        core.memoryBytes >= total && core.memoryBytes <= total + 2 ** 17,
        `${core.memoryBytes}, ${total}`,
      );
    }
  }
});

test('gpt2 trains within WebAssembly memory', () => {
  const shape = { vocab_size: 50257, n_positions: 1024, n_embd: 768, n_layer: 12, n_head: 12 };
  const config = parseConfig({ model_type: 'gpt2', ...shape }, 'test');
  const { weights, gradients, moments, total, parameters } = estimateTrainingMemory(config, {
    batch: 4,
    length: 256,
  });
  assert.is(parameters, 124_439_808);
  assert.is(gradients, weights);
  assert.is(moments, 2 * weights);
  // Four numbers a parameter; activations, logits and scratch are a quarter of that.
  assert.ok(total < 20 * parameters, `${total}`);
  const recomputing = estimateTrainingMemory(config, { batch: 8, length: 1024, recompute: true });
  assert.ok(recomputing.total < 2 ** 32, `${recomputing.total}`);
});

test('the deprecated names of `parameters` and `loader` still work', async () => {
  const core = await loadTrainCore('odd-sizes', 'simd', SHAPE);
  assert.is(core.slots, core.parameters);
  const [first] = core.parameters;
  const values = core.read('weights', first!, 0, 1).fill(0.5);
  core.sink('weights').pack(first!, 0, 1, new Uint8Array(values.buffer), 'F32');
  assert.equal(core.read('weights', first!, 0, 1), values);
});

test.run();
