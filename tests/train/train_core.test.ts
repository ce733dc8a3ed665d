import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseConfig } from '../../src/config.js';
import { type Batch, TrainCore, type TrainingPart } from '../../src/core/train_core.js';
import { estimateTrainingMemory } from '../../src/core/train_layout.js';
import { trainStep } from '../../src/train/step.js';
import { loadCore } from '../support/checkpoints.js';
import { randomSource } from '../support/random.js';
import { BUILDS } from '../support/relaxed.js';
import { thrown } from '../support/thrown.js';
import { loadTrainCore, norm } from '../support/training.js';

const SHAPE = { batch: 3, length: 20 };
const DROPOUT = { embedding: 0.1, attention: 0.2, residual: 0.3 };

/** Random tokens; about a quarter without a target. */
function randomBatch(seed: number, vocabSize: number, batch: number, length: number): Batch {
  const random = randomSource(seed);
  const draw = () => Array.from({ length: batch * length }, () => random.below(vocabSize));
  return { batch, length, tokens: draw(), targets: draw().map((id) => (random.below(4) ? id : -1)) };
}

/** The sequences first.. first + count - 1 of a batch. */
function sequencesOf({ length, tokens, targets }: Batch, first: number, count: number): Batch {
  const cut = (ids: ArrayLike<number>) => Array.from(ids).slice(first * length, (first + count) * length);
  return { batch: count, length, tokens: cut(tokens), targets: cut(targets) };
}

const state = (core: TrainCore, part: TrainingPart) => core.slots.map((slot) => core.read(part, slot));

function copyPart(from: TrainCore, to: TrainCore, part: TrainingPart): void {
  const sink = to.sink(part);
  for (const slot of from.slots) {
    const rows = slot.kind === 'vector' ? 1 : slot.shape[0]!;
    // In two pieces, the first a whole row group, as files come.
    for (const [row, count] of [
      [0, Math.min(32, rows)],
      [32, rows - 32],
    ] as const) {
      if (count > 0)
        sink.pack(slot, row, count, new Uint8Array(from.read(part, slot, row, count).buffer), 'F32');
    }
  }
}

for (const build of BUILDS) {
  test(`${build}: a batch's losses are those that inference finds`, async () => {
    const core = await loadTrainCore('odd-sizes', build, SHAPE);
    const batch = randomBatch(1, core.config.vocabSize, 3, 17);
    const sum = core.evaluate(batch);
    const losses = core.losses();
    assert.is(losses.length, 51);
    const inference = await loadCore('odd-sizes', build);
    let total = 0;
    for (let b = 0; b < 3; b++) {
      const { tokens } = sequencesOf(batch, b, 1);
      inference.forward(inference.createCache(), tokens, 0);
      for (let t = 0; t < 17; t++) {
        const target = batch.targets[b * 17 + t]!;
        const row = inference.logits(t, 1)[0]!;
        const want = target < 0 ? 0 : row.logSumExp() - row.values[target]!;
        total += want;
        assert.ok(Math.abs(losses[b * 17 + t]! - want) < 1e-4, `${b} ${t}`);
      }
    }
    assert.ok(Math.abs(sum - total) < 1e-3);
  });

  test(`${build}: gradients are the slopes of the loss along random directions, with dropout too`, async () => {
    for (const dropout of [undefined, DROPOUT]) {
      const core = await loadTrainCore('untied-head', build, SHAPE);
      const batch = randomBatch(2, core.config.vocabSize, 3, 19);
      const options = { scale: 1 / 40, seed: 3, pass: 4, ...(dropout && { dropout }) };
      core.accumulate(batch, options);
      const gradients = state(core, 'gradients');
      const weights = state(core, 'weights');
      const random = randomSource(5);
      for (const [i, slot] of core.slots.entries()) {
        const direction = gradients[i]!.map((g) => g * random.uniform());
        // A step whose loss changes by far more than rounding and far less than the curvature.
        const step = 0.02 / norm(direction);
        const sink = core.sink('weights');
        const rows = slot.kind === 'vector' ? 1 : slot.shape[0]!;
        const lossAt = (by: number) => {
          const moved = weights[i]!.map((w, j) => w + by * direction[j]!);
          sink.pack(slot, 0, rows, new Uint8Array(moved.buffer), 'F32');
          return core.accumulate(batch, options) / 40;
        };
        const slope = (lossAt(step) - lossAt(-step)) / (2 * step);
        lossAt(0);
        const want = gradients[i]!.reduce((sum, g, j) => sum + g * direction[j]!, 0);
        const error = Math.abs(slope - want) / want;
        assert.ok(error < 0.02, `${slot.name}: ${slope}, the gradient says ${want}`);
      }
    }
  });

  test(`${build}: gradients add up over batches`, async () => {
    const core = await loadTrainCore('base', build, SHAPE);
    const batch = randomBatch(6, core.config.vocabSize, 3, 20);
    core.accumulate(batch, { scale: 0.1 });
    const whole = state(core, 'gradients');
    const parts = await loadTrainCore('base', build, SHAPE);
    parts.accumulate(sequencesOf(batch, 0, 1), { scale: 0.1 });
    parts.accumulate(sequencesOf(batch, 1, 2), { scale: 0.1 });
    state(parts, 'gradients').forEach((values, i) => {
      const difference = norm(values.map((value, j) => value - whole[i]![j]!));
      assert.ok(difference <= 1e-6 * norm(whole[i]!), core.slots[i]!.name);
    });
  });

  test(`${build}: recomputing changes no bit`, async () => {
    const [kept, recomputed] = await Promise.all(
      [false, true].map(async (recompute) => {
        const core = await loadTrainCore('inverse-layer-idx', build, { ...SHAPE, recompute });
        core.accumulate(randomBatch(7, core.config.vocabSize, 3, 20), { scale: 1, dropout: DROPOUT });
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
    const results = [1, 2, 3, 4].map((number) => step(through, number));
    const before = await loadTrainCore('odd-sizes', build, SHAPE);
    step(before, 1);
    step(before, 2);
    const after = await TrainCore.create(before.config, build, SHAPE);
    for (const part of ['weights', 'firstMoments', 'secondMoments'] as const) copyPart(before, after, part);
    before.dispose();
    assert.equal(
      [3, 4].map((number) => step(after, number)),
      results.slice(2),
    );
    for (const part of ['weights', 'firstMoments', 'secondMoments'] as const) {
      assert.equal(state(after, part), state(through, part));
    }
  });

  test(`${build}: gradients are clipped by their norm`, async () => {
    const core = await loadTrainCore('base', build, SHAPE);
    const batch = randomBatch(9, core.config.vocabSize, 1, 20);
    const options = { step: 1, learningRate: 0, maxGradientNorm: 0.5 };
    const { gradientNorm } = trainStep(core, [batch], options);
    assert.ok(gradientNorm > 1);
    assert.is(core.gradientNorm(), 0);
    // The first moment is (1 - beta1) times the clipped gradient.
    const moments = Math.hypot(...state(core, 'firstMoments').map(norm));
    assert.ok(Math.abs(moments - 0.1 * 0.5) < 1e-5, `${moments}`);
  });
}

test('dropout masks follow seed and pass, and zero rates drop nothing', async () => {
  const core = await loadTrainCore('base', 'simd', SHAPE);
  const batch = randomBatch(10, core.config.vocabSize, 2, 20);
  const loss = (seed: number, pass: number, dropout = DROPOUT) =>
    core.accumulate(batch, { scale: 1, seed, pass, dropout });
  assert.is(loss(1, 2), loss(1, 2));
  assert.is.not(loss(1, 2), loss(1, 3));
  assert.is.not(loss(1, 2), loss(2, 2));
  const off = { embedding: 0, attention: 0, residual: 0 };
  assert.is(loss(1, 2, off), core.evaluate(batch));
  for (const site of ['embedding', 'attention', 'residual'] as const) {
    assert.is.not(loss(1, 2, { ...off, [site]: 0.5 }), core.evaluate(batch), site);
  }
});

test('a batch without targets has no loss and no gradient', async () => {
  const core = await loadTrainCore('base', 'simd', SHAPE);
  const batch = { ...randomBatch(11, core.config.vocabSize, 1, 4), targets: [-1, -1, -1, -1] };
  const { loss, targets, gradientNorm } = trainStep(core, [batch], { step: 1, learningRate: 1 });
  assert.equal([loss, targets, gradientNorm], [0, 0, 0]);
});

test('what does not fit is refused before anything is computed', async () => {
  const core = await loadTrainCore('base', 'simd', SHAPE);
  const good = randomBatch(12, core.config.vocabSize, 2, 3);
  for (const bad of [
    { batch: 4, length: 20 },
    { batch: 2, length: 21 },
    { batch: 0 },
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
  core.dispose();
  await thrown(() => core.evaluate(good), 'disposed');
  for (const shape of [
    { batch: 0, length: 3 },
    { batch: 1, length: 65 },
    { batch: 1.5, length: 3 },
  ]) {
    await thrown(() => TrainCore.create(core.config, 'simd', shape), 'invalid-option');
  }
});

test('the estimate is what training takes', async () => {
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

test.run();
